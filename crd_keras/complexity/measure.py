"""Size, cost and speed of a model file."""

import dataclasses
import os
import pathlib
import statistics
from typing import Any

from crd_keras.complexity.counts import Complexity, NotCountedError
from crd_keras.complexity.formats import naming_file, open_model_file
from crd_keras.complexity.model_file import threads
from crd_keras.utils.measurement import seconds_of

_WARM_UP = 3


def measure(
    path: str | os.PathLike,
    image_size: int | tuple[int, int] = 256,
    repeats: int = 9,
) -> dict[str, Any]:
    """Counts what a model costs, and takes the time that one image takes.

    A `.keras` file runs on the current backend as Keras compiles it, a `.tflite` file
    on LiteRT and an `.onnx` file on ONNX Runtime, both on the processor with
    OMP_NUM_THREADS threads or one for each core. Call it in a process of its own to
    compare models: what one leaves in memory slows down the next.

    Args:
        path: A `.keras`, `.tflite` or `.onnx` file.
        image_size: Height and width, or one number for both, where the model leaves
            them open.
        repeats: How many runs are timed, after some that are not.

    Returns:
        `model`, the path; `bytes` on disk; `input_shape` of one image; `parameters`,
        `macs` and `macs_paper` as in `Complexity`, `None` if there are operations that
        it is not known how to count, which `not_counted` then names; `runtime` with its
        version; `threads`; `seconds` of each run and `median_seconds`;
        `cores_used_by_others` meanwhile. It can be written as JSON.

    Raises:
        ImportError: If a package that reads or runs the file is not installed.
        ValueError: If the file is missing, cannot be read or run, or is no model of
            images: in one line.
    """
    path = pathlib.Path(path)
    with naming_file(path):
        model = open_model_file(path, image_size)
        counts = _counts(model)
        seconds, others = seconds_of(model.run_once, repeats, _WARM_UP)
    return {
        "model": str(path),
        "bytes": path.stat().st_size,
        "input_shape": list(model.input_shape),
        **counts,
        "runtime": model.runtime,
        "threads": threads(),
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "cores_used_by_others": others,
    }


def _counts(model):
    try:
        return {**dataclasses.asdict(model.count()), "not_counted": []}
    except NotCountedError as error:
        unknown = (field.name for field in dataclasses.fields(Complexity))
        return {**dict.fromkeys(unknown), "not_counted": error.operations}
