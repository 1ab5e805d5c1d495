"""Teachers in files of several programs, as functions of NumPy images."""

import pathlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from crd_keras import backend
from crd_keras.complexity.model_file import threads
from crd_keras.export.runtimes import load_exported
from crd_keras.inference import find_multiple
from crd_keras.interop import STATE_DICT_SUFFIXES, read_network
from crd_keras.models.load_model import check_generator, load_generator
from crd_keras.utils.errors import first_line
from crd_keras.utils.images import from_pixels, to_uint8

# As `crd translate` pads; of ONNX files the layers are not looked at.
_LEAST_MULTIPLE = 4

SUFFIXES = (".keras", ".onnx", *STATE_DICT_SUFFIXES)


class TeacherFile(NamedTuple):
    """A teacher that a file holds.

    Attributes:
        translate: Translates `(count, height, width, channels)` in [-1, 1].
        channels: How many channels its source images have.
        multiple: What height and width must be divisible by.
        size: Height and width that it takes, `None` for any.
    """

    translate: Callable[[np.ndarray], np.ndarray]
    channels: int
    multiple: int
    size: tuple[int | None, ...]


def load_teacher(
    path: pathlib.Path, flag: str, value_range: tuple[float, float]
) -> TeacherFile:
    """Loads a generator.

    Args:
        path: A `.keras` file, an `.onnx` file of grey or colour images with their
            channels first or last, or a PyTorch checkpoint as `interop.read_network`
            reads it.
        flag: What errors call the file.
        value_range: What black and white are in the images that it takes and gives,
            unless they are uint8.

    Raises:
        ImportError: If ONNX Runtime is needed and not installed.
        ValueError: If it is no such file, or holds another model: in one line.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"`{flag}` must end with one of {', '.join(SUFFIXES)}. Received: {path}"
        )
    if not path.is_file():
        raise ValueError(f"`{flag}` must be a file. Received: {path}")
    if suffix == ".onnx":
        return _onnx_teacher(path, flag, value_range)
    if suffix == ".keras":
        model = load_generator(str(path), flag)
    else:
        model = _torch_generator(path, flag)
    model.jit_compile = backend.default_jit_compile()
    function = _in_range(model.predict_on_batch, value_range)
    try:
        multiple = max(_LEAST_MULTIPLE, find_multiple(model))
    except ValueError as error:
        raise ValueError(str(error).replace("`model`", f"`{flag}`")) from error
    *size, channels = model.input_shape[1:]
    return TeacherFile(function, channels, multiple, tuple(size))


def _torch_generator(path, flag):
    try:
        model = read_network(path).model
    except ValueError as error:
        raise ValueError(str(error).replace("`path`", f"`{flag}`")) from error
    check_generator(model, str(path), flag)
    return model


def _onnx_teacher(path, flag, value_range):
    try:
        model = load_exported(path, threads())
    except ImportError:
        raise
    except Exception as error:  # Whatever ONNX Runtime raises.
        raise ValueError(
            f"`{flag}` cannot be loaded: {first_line(error)} Received: {path}"
        ) from error
    shape = model.input_shape
    # Where both axes could be the channels', it is the last.
    found = [
        (axis, channels)
        for axis in (3, 1)
        for channels in (1, 3)
        if len(shape) == 4 and shape[axis] == channels
    ]
    if not found:
        raise ValueError(
            f"`{flag}` must take grey or colour images, (batch, height, width, "
            "channels) or (batch, channels, height, width). "
            f"Received: {path}, which takes {shape}"
        )
    axis, channels = found[0]
    is_channels_first = axis == 1

    def function(images):
        if is_channels_first:
            images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        translated = model(images)
        return translated.transpose(0, 2, 3, 1) if is_channels_first else translated

    return TeacherFile(
        _of_pixels(function)
        if model.dtype == "uint8"
        else _in_range(
            lambda images: function(images.astype(model.dtype)), value_range
        ),
        channels,
        _LEAST_MULTIPLE,
        shape[2:] if is_channels_first else shape[1:3],
    )


def _of_pixels(function):
    """A function of images in [-1, 1], by one of uint8."""
    return lambda images: from_pixels(function(to_uint8(images)).astype("float32"))


def _in_range(function, value_range):
    """A function of images in [-1, 1], by one of images in another range."""
    black, white = value_range
    middle, half = (black + white) / 2, (white - black) / 2

    def in_range(images):
        return (function(images * half + middle).astype("float32") - middle) / half

    return in_range
