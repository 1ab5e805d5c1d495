"""A model file in what runs it, and what all file formats share."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crd_keras.complexity.counts import Complexity


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """A model of images, ready to be counted and run.

    Attributes:
        runtime: What runs it, with its version.
        input_shape: Shape of the input, one image.
        count: Counts parameters and MACs for one image.
        run_once: Translates one image and waits until it is there.
    """

    runtime: str
    input_shape: tuple[int, ...]
    count: Callable[[], Complexity]
    run_once: Callable[[], Any]


def image_shape(
    shapes: Sequence[Sequence[int | None]], image_size: int | tuple[int, int]
) -> tuple[int, ...]:
    """The shape of one image for a model.

    Args:
        shapes: Shapes of the model's inputs, `None` where anything goes.
        image_size: Height and width, or one number for both, where the model leaves
            both open.

    Raises:
        ValueError: If the model does not take one batch of images.
    """
    if len(shapes) == 1 and len(shapes[0]) == 4 and shapes[0][0] in (None, 1):
        shape = list(shapes[0])[1:]
        if shape.count(None) == 2:
            # Height comes before width in both data formats.
            open_sizes = iter(np.broadcast_to(image_size, 2).tolist())
            shape = [next(open_sizes) if s is None else s for s in shape]
        known = [s for s in shape if s is not None]
        if len(known) == len(shape):
            return (1, *known)
    raise ValueError(
        "it must take images in one tensor (batch, height, width, channels) or (batch, "
        "channels, height, width), the channels known, the batch 1 or open. "
        f"Received: {', '.join(str(tuple(shape)) for shape in shapes)}"
    )


def random_image(shape: tuple[int, ...], dtype: str | np.dtype) -> np.ndarray:
    """An image in [-1, 1], or in 0-255 where a quantized model takes whole numbers."""
    rng = np.random.default_rng(0)
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return rng.uniform(-1, 1, shape).astype(dtype)


def threads() -> int:
    """How many threads a model may run on: OMP_NUM_THREADS, or all usable cores."""
    return int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
