"""Exported generators, each in its own runtime on the processor."""

import pathlib
from typing import Protocol

import numpy as np


class ExportedModel(Protocol):
    """A generator as a function of NumPy images.

    Attributes:
        runtime: What runs it, with its version.
        input_shape: `(batch, height, width, channels)`, `None` where anything goes.
        dtype: Numbers of the images it takes, such as "float32".
    """

    runtime: str
    input_shape: tuple[int | None, ...]
    dtype: str

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Translates a batch of images."""


def load_exported(path: pathlib.Path, threads: int) -> ExportedModel:
    """Loads a `.tflite` or `.onnx` file or the folder of a SavedModel.

    Args:
        path: The file or folder.
        threads: How many threads it may run on. For a SavedModel TensorFlow must not
            have run anything before, otherwise it keeps those it has.

    Raises:
        ImportError: If the runtime is not installed.
        ValueError: If there is nothing of that kind.
        Exception: What a runtime raises if it cannot load the file.
    """
    if path.suffix == ".tflite":
        from crd_keras.export.runtimes.litert import LiteRTModel

        return LiteRTModel(path, threads)
    if path.suffix == ".onnx":
        from crd_keras.export.runtimes.onnx_runtime import ONNXRuntimeModel

        return ONNXRuntimeModel(path, threads)
    if (path / "saved_model.pb").is_file():
        from crd_keras.export.runtimes.saved_model import SavedModel

        return SavedModel(path, threads)
    raise ValueError(
        f"a .tflite or .onnx file or a SavedModel is needed. Received: {path}"
    )
