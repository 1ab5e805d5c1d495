"""What every kind of data looks like to the pipeline: four splits of records."""

import operator
import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Self, TypeVar

import numpy as np

from crd_keras.data.loader import Loader
from crd_keras.data.tensorflow_import import import_tensorflow

Value = TypeVar("Value")

SPLITS = ("trainA", "trainB", "testA", "testB")


def _itself(record: Any) -> Any:
    return record


as_is = Loader("crd_keras.data.source.as_is", tensor=_itself, array=_itself)
"""Of a record that is an image already."""


@dataclass(frozen=True, eq=False)
class Images:
    """The images of one split, loaded only when the pipeline asks for them.

    Args:
        records: NumPy array with one record an image: paths, encoded images, or
            uint8 images of shape (images, height, width, channels).
        load: A `Loader`, which makes a record an image. Or a function from one record,
            as a TensorFlow tensor, to a uint8 tensor of shape (height, width, 3), which
            runs inside a tf.data graph: without TensorFlow such images cannot be read.

    Attributes:
        channels: How many channels the images have.
    """

    records: np.ndarray
    load: Callable[[Any], Any] = as_is

    @property
    def channels(self) -> int:
        if self.load is as_is:
            return self.records.shape[-1]
        return self.load.channels if isinstance(self.load, Loader) else 3

    def tensor(self, record: Any) -> Any:
        """The image of a record, a TensorFlow tensor, in a tf.data graph."""
        shape = (None, None, self.channels)
        return import_tensorflow().ensure_shape(self.load(record), shape)

    def __len__(self) -> int:
        return len(self.records)

    def __add__(self, other: "Images") -> "Images":
        """The images of both, which are loaded the same way."""
        if self.load is not other.load:
            raise ValueError(
                "`other` must have the same `load`. "
                f"Received: {other.load} besides {self.load}"
            )
        return Images(np.concatenate([self.records, other.records]), self.load)


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageSource:
    """Two domains of images, A and B, each with training and test images.

    What `UnpairedSource` and `PairedSource` have in common.

    Args:
        label: One line that says what the data are; it goes to the report.
        splits: The images by the names "trainA", "trainB", "testA" and "testB".
        directory: Folder that holds the data, if there is one: what is computed from
            all of them can be kept there.
        taught: What a teacher has made of trainA, image by image. `None`: nothing.

    Raises:
        ValueError: If a split is missing, unknown or without images, or `taught` are
            not as many images as trainA.
    """

    label: str
    splits: dict[str, Images]
    directory: pathlib.Path | None = None
    taught: Images | None = None

    def __post_init__(self) -> None:
        if set(self.splits) != set(SPLITS):
            raise ValueError(
                f"`splits` must have exactly the keys {', '.join(SPLITS)}. "
                f"Received: {', '.join(self.splits) or 'none'}"
            )
        empty = [name for name in SPLITS if len(self.splits[name]) == 0]
        if empty:
            raise ValueError(
                "Each of the `splits` needs at least one image. "
                f"Received: no images in {', '.join(empty)}"
            )
        count = len(self.splits["trainA"])
        if self.taught is not None and len(self.taught) != count:
            raise ValueError(
                f"`taught` must be an image for each of the {count} of trainA. "
                f"Received: {len(self.taught)}"
            )

    @property
    def targets(self) -> Images | None:
        """The right translations of testA, in its order; `None` if they are unknown."""
        return None

    def split(self, name: str) -> Images:
        """The images of one split or of several.

        Args:
            name: "trainA", "trainB", "testA" or "testB", or some of them joined as in
                "trainB+testB".

        Raises:
            ValueError: If there is no split of this name.
        """
        names = name.split("+")
        if not set(names) <= set(self.splits):
            raise ValueError(
                f"`split` must be one of {', '.join(SPLITS)}, or some of them joined "
                f"by +. Received: {name!r}"
            )
        return reduce(operator.add, (self.splits[name] for name in names))

    def reversed(self) -> Self:
        """The same data with domain B as the source and domain A as the target.

        What a teacher has made of A is left out.
        """
        return replace(
            self,
            label=f"{self.label}, from B to A",
            splits=swap_domains(self.splits),
            taught=None,
        )


def swap_domains(by_split: Mapping[str, Value]) -> dict[str, Value]:
    """Gives what is known of trainA to trainB, and so on, and the other way round."""
    other = {"A": "B", "B": "A"}
    return {name[:-1] + other[name[-1]]: value for name, value in by_split.items()}
