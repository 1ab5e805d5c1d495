"""What is known about one model, and the parts of it that all file formats share."""

import os
import pathlib
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crd_keras.utils.measurement import seconds_of

_WARM_UP = 3


def make_record(
    path: pathlib.Path,
    runtime: str,
    shape: tuple[int, ...],
    counts: dict[str, Any],
    run_once: Callable[[], Any],
    repeats: int,
) -> dict[str, Any]:
    """Measures the latency and puts everything together.

    Args:
        path: The model's file.
        runtime: What runs it, with its version.
        shape: Shape of the input, one image.
        counts: `parameters`, `macs`, `macs_paper`, and `not_counted`: operations that
            make these unknown.
        run_once: Translates one image and waits until it is there.
        repeats: How many runs are timed, after some that are not.
    """
    for _ in range(_WARM_UP):
        run_once()
    seconds, others = seconds_of(run_once, repeats)
    return {
        "model": str(path),
        "bytes": path.stat().st_size,
        "input_shape": list(shape),
        **counts,
        "runtime": runtime,
        "threads": threads(),
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "cores_used_by_others": others,
    }


def image_shape(
    shapes: Sequence[Sequence[int | None]], image_size: int
) -> tuple[int, ...]:
    """The shape of one image for a model.

    Args:
        shapes: Shapes of the model's inputs, `None` where anything goes.
        image_size: Height and width, where the model leaves both open.

    Raises:
        ValueError: If the model does not take one batch of images.
    """
    if len(shapes) == 1 and len(shapes[0]) == 4 and shapes[0][0] in (None, 1):
        shape = list(shapes[0])[1:]
        if shape.count(None) == 2:
            shape = [image_size if s is None else s for s in shape]
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
