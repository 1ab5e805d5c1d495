"""What can be told of a trainer's images before, and with, its first step."""

import functools
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.utils.validation import check_image_range

Shape = tuple[int | None, ...]

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


def batch_shape(x: Any) -> Shape | None:
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


def check_shape(name: str, shape: Shape, built: tuple[Shape, Shape]) -> None:
    """Raises a `ValueError` if images are not of the shape that was built for.

    Args:
        name: The argument that holds the images, `"x"` for source ones.
        shape: `(height, width, channels)` of the images.
        built: The same of the source and the target images that the trainer was built
            for; `None` for any size.
    """
    expected_shape = built[0 if name == "x" else 1]
    if len(shape) != len(expected_shape) or any(
        expected not in (None, size)
        for expected, size in zip(expected_shape, shape, strict=True)
    ):
        raise ValueError(
            f"`{name}` must hold images of the shape that the trainer was built "
            f"for, {expected_shape}; for others make a new trainer. "
            f"Received: {tuple(shape)}"
        )


def check_before_training(x: Any, y: Any, built: tuple[Shape, Shape] | None) -> None:
    """Raises a `ValueError` if images cannot be trained on, as far as they tell now.

    Args:
        x: Source images.
        y: Target images, which may have several parts.
        built: As for `check_shape`. `None`: the trainer has not been built.
    """
    _check_lengths(x, y)
    for name, images in by_name(x, y).items():
        shape = batch_shape(images)
        if built is not None and shape is not None:
            check_shape(name, shape[1:], built)
        _check_first_images(name, images)


def _check_lengths(x, y):
    for name, images in by_name(x, y).items():
        are_arrays = hasattr(images, "__array__") and hasattr(x, "__array__")
        if are_arrays and len(images) != len(x):
            raise ValueError(
                f"`{name}` must hold as many images as `x`; for two domains of "
                "different lengths there is `fit(crd_keras.data.unpaired_arrays(x, y, "
                f"batch_size))`. Received: {len(x)} and {len(images)} images"
            )


def _check_first_images(name, images):
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


class FirstBatchCheck:
    """Looks whether a training's first batch is in [-1, 1], by the logs of its step.

    Which batch comes first, a generator or a pipeline tells by giving it, and only
    once.
    """

    def __init__(self) -> None:
        self.is_due = True

    def __call__(self, logs: dict[str, Any]) -> None:
        """Takes out of a step's logs what `image_ranges` has put there.

        Raises:
            ValueError: If the check is due and images are not in [-1, 1].
        """
        ranges = [logs.pop(name) for name in _RANGES]
        if self.is_due:
            least_x, greatest_x, least_y, greatest_y = map(float, ranges)
            check_image_range(least_x, greatest_x, "x")
            check_image_range(least_y, greatest_y, "y")
            self.is_due = False
