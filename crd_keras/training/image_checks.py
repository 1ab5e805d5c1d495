"""What can be told of a trainer's images before, and with, its first step."""

import functools
from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.utils.validation import check_image_range

# Keras' own batch size, which `fit` has by default.
_FIRST_IMAGES = 32
# Logs of a step: what its images are between.
_RANGES = ("x_least", "x_greatest", "y_least", "y_greatest")


def look_at(x: Any, y: Any) -> tuple[Any, Any]:
    """What can be looked at before the training: arrays, or a `PyDataset`'s beginning.

    Raises:
        ValueError: If a `PyDataset` has no target images.
    """
    if isinstance(x, keras.utils.PyDataset):
        # It gives any batch at any time, and the training misses none.
        return unpack(x[0])
    return x, y


def by_name(x: Any, y: Any) -> dict[str, Any]:
    """Source and target images by how errors call them; `y` may have several parts."""
    if not isinstance(y, (tuple, list)):
        return {"x": x, "y": y}
    return {"x": x, **{f"y[{place}]": part for place, part in enumerate(y)}}


def batch_shape(x: Any) -> tuple[int | None, ...] | None:
    """Shape of a batch of source images, if arrays or a `tf.data.Dataset` tell it."""
    element = getattr(x, "element_spec", x)
    first = element[0] if isinstance(element, (list, tuple)) else element
    shape = getattr(first, "shape", None)
    return None if shape is None else (None, *shape[1:])


def unpack(data: Any) -> tuple[KerasTensor, KerasTensor]:
    """Source and target images of a batch.

    Raises:
        ValueError: If there are no target images.
    """
    source, target, _ = keras.utils.unpack_x_y_sample_weight(data)
    if target is None:
        raise ValueError(
            "`y` must hold images of the target domain, or the data pairs of source "
            "and target images. Received: y=None"
        )
    return source, target


def check_shape(
    name: str, shape: tuple[int | None, ...], built: tuple[int | None, ...]
) -> None:
    """Raises a `ValueError` if images are not of the shape that was built for.

    Args:
        name: The argument that holds the images.
        shape: `(height, width, channels)` of the images.
        built: The same that the trainer was built for; `None` for any size.
    """
    if len(shape) != len(built) or any(
        expected not in (None, size)
        for expected, size in zip(built, shape, strict=True)
    ):
        raise ValueError(
            f"`{name}` must hold images of the shape that the trainer was built "
            f"for, {built}; for others make a new trainer. "
            f"Received: {tuple(shape)}"
        )


def check_lengths(x: Any, y: Any) -> None:
    """Raises a `ValueError` if there are not as many target images in an array."""
    for name, images in by_name(x, y).items():
        are_arrays = hasattr(images, "__array__") and hasattr(x, "__array__")
        if are_arrays and len(images) != len(x):
            raise ValueError(
                f"`{name}` must hold as many images as `x`; for two domains of "
                "different lengths there is `fit(crd_keras.data.unpaired_arrays(x, y, "
                f"batch_size))`. Received: {len(x)} and {len(images)} images"
            )


def check_first_images(name: str, images: Any) -> None:
    """Raises a `ValueError` if the first images of an array are not in [-1, 1]."""
    if hasattr(images, "__array__"):
        first = ops.convert_to_numpy(images[:_FIRST_IMAGES])
        if first.size:
            check_image_range(first.min(), first.max(), name)


def image_ranges(source: KerasTensor, target: Any) -> dict[str, KerasTensor]:
    """The least and the greatest value of a batch's images, as logs of a step.

    Args:
        source: Source images.
        target: Target images, which may have several parts.
    """
    ranges = []
    for images in (source, target):
        parts = [ops.cast(part, "float32") for part in keras.tree.flatten(images)]
        ranges.append(functools.reduce(ops.minimum, map(ops.min, parts)))
        ranges.append(functools.reduce(ops.maximum, map(ops.max, parts)))
    return dict(zip(_RANGES, ranges, strict=True))


def take_image_ranges(logs: dict[str, Any]) -> Mapping[str, Any]:
    """Takes out of a step's logs what `image_ranges` has put there."""
    return {name: logs.pop(name) for name in _RANGES}


def check_image_ranges(ranges: Mapping[str, Any]) -> None:
    """Raises a `ValueError` if a batch's images are not in [-1, 1]."""
    least_x, greatest_x, least_y, greatest_y = (float(ranges[name]) for name in _RANGES)
    check_image_range(least_x, greatest_x, "x")
    check_image_range(least_y, greatest_y, "y")
