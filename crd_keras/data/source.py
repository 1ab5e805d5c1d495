"""What every kind of data looks like to the pipeline: four splits of records."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SPLITS = ("trainA", "trainB", "testA", "testB")


def as_is(record: Any) -> Any:
    """Loads a record that is an image already."""
    return record


@dataclass(frozen=True, eq=False)
class Images:
    """The images of one split, loaded only when the pipeline asks for them.

    Args:
        records: NumPy array with one record an image: paths, encoded images, or
            uint8 images of shape (images, height, width, 3).
        load: Function from one record, as a TensorFlow tensor, to a uint8 tensor of
            shape (height, width, 3). It runs inside a tf.data graph.
    """

    records: np.ndarray
    load: Callable[[Any], Any] = as_is

    def __len__(self) -> int:
        return len(self.records)


@dataclass(frozen=True, eq=False, kw_only=True)
class UnpairedSource:
    """Two domains of images, A and B, each with training and test images.

    Image i of one domain has nothing to do with image i of the other.

    Args:
        label: One line that says what the data are; it goes to the report.
        splits: The images by the names "trainA", "trainB", "testA" and "testB".

    Raises:
        ValueError: If a split is missing, unknown or without images.
    """

    label: str
    splits: dict[str, Images]

    def __post_init__(self):
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

    def split(self, name: str) -> Images:
        """The images of one split.

        Args:
            name: "trainA", "trainB", "testA" or "testB".

        Raises:
            ValueError: If there is no split of this name.
        """
        if name not in self.splits:
            raise ValueError(
                f"`split` must be one of {', '.join(SPLITS)}. Received: {name!r}"
            )
        return self.splits[name]
