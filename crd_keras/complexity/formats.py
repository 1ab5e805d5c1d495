"""The file formats of models, and the errors of their runtimes."""

import contextlib
import pathlib
from collections.abc import Iterator

from crd_keras.complexity import keras_file, onnx_file, tflite_file
from crd_keras.complexity.counts import NotCountedError
from crd_keras.complexity.model_file import ModelFile

_LOAD = {
    ".keras": keras_file.load,
    ".tflite": tflite_file.load,
    ".onnx": onnx_file.load,
}
SUFFIXES = tuple(_LOAD)

# Some runtimes put pages into a message.
_LONGEST_REASON = 300


def open_model_file(path: pathlib.Path, image_size: int | tuple[int, int]) -> ModelFile:
    """Loads a file into what runs it.

    Args:
        path: A `.keras`, `.tflite` or `.onnx` file.
        image_size: Height and width, or one number for both, where the model leaves
            them open.

    Raises:
        ImportError: If what reads or runs the file is not installed.
        ValueError: If there is no such file, or it is no model of images.
        Exception: What a runtime raises if it cannot load the file.
    """
    if path.suffix not in _LOAD or not path.is_file():
        raise ValueError(
            f"it must be an existing file, one of {', '.join(SUFFIXES)}. "
            f"Received: {path}"
        )
    return _LOAD[path.suffix](path, image_size)


@contextlib.contextmanager
def naming_file(path: pathlib.Path) -> Iterator[None]:
    """Makes a ValueError of one line, with the file's name, of a runtime's error.

    Raises:
        ImportError: As it is.
        NotCountedError: As it is.
        ValueError: In place of any other exception: each runtime has its own.
    """
    try:
        yield
    except (ImportError, NotCountedError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"{path} cannot be measured: {reason[:_LONGEST_REASON]}"
        ) from error
