"""The weights in PyTorch's files, as NumPy arrays."""

import io
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from crd_keras.state_dicts.torch_file import NoArray, read_torch_file
from crd_keras.utils.errors import first_line
from crd_keras.utils.files import atomic_write

# Files of `torch.save`, and of the package safetensors.
STATE_DICT_SUFFIXES = (".pth", ".pt", ".safetensors")

# What `torch.nn.DataParallel` puts before the names of the network that it wraps.
_WRAPPER = "module."


def read_state_dict(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads a state dict: the named tensors of a PyTorch module.

    No code in the file is run. A prefix `module.` that all names share is dropped.

    Args:
        path: A file of `torch.save` (`.pth` or `.pt`), which takes no PyTorch to
            read, or of safetensors (`.safetensors`), which takes the package of that
            name.

    Returns:
        From names, such as `"model.1.weight"`, to arrays, in the order of the file.
        PyTorch stores the kernels of convolutions as `(filters, channels, height,
        width)`. Floats that NumPy has not, such as bfloat16, become float32.

    Raises:
        ImportError: If safetensors is needed and not installed.
        ValueError: If `path` is not an existing file of these kinds, cannot be read,
            or holds something else than a state dict, or tensors that are sparse,
            quantised, without numbers (of the device "meta") or that repeat fewer
            numbers than they have.
    """
    path = pathlib.Path(path)
    if path.suffix not in STATE_DICT_SUFFIXES or not path.is_file():
        raise ValueError(
            "`path` must be an existing file, one of "
            f"{', '.join(STATE_DICT_SUFFIXES)}. Received: {path}"
        )
    is_safetensors = path.suffix == ".safetensors"
    arrays = _read_safetensors(path) if is_safetensors else _read_torch(path)
    if arrays and all(name.startswith(_WRAPPER) for name in arrays):
        arrays = {name[len(_WRAPPER) :]: array for name, array in arrays.items()}
    return arrays


def write_state_dict(state: Mapping[str, np.ndarray], path: str | os.PathLike) -> None:
    """Writes a state dict for `module.load_state_dict`.

    Args:
        state: Arrays by name.
        path: A `.pth` or `.pt` file, which takes PyTorch to write, or a
            `.safetensors` file, which takes the package of that name and sorts the
            names. An old file is replaced, all at once.

    Raises:
        ImportError: If PyTorch or safetensors is needed and not installed.
        OSError: If the file cannot be written.
        ValueError: If `path` has another suffix.
    """
    path = pathlib.Path(path)
    if path.suffix not in STATE_DICT_SUFFIXES:
        raise ValueError(
            f"`path` must end with one of {', '.join(STATE_DICT_SUFFIXES)}. "
            f"Received: {path}"
        )
    if path.suffix == ".safetensors":
        content = _import_safetensors(path).save(dict(state))
    else:
        torch = _import_torch(path)
        buffer = io.BytesIO()
        tensors = {name: torch.from_numpy(array) for name, array in state.items()}
        torch.save(tensors, buffer)
        content = buffer.getvalue()
    atomic_write(path, content)


def _read_torch(path: pathlib.Path) -> dict[str, np.ndarray]:
    # A wrong file ends in many kinds of exceptions, from zipfiles, pickles and NumPy.
    try:
        content = read_torch_file(path)
    except Exception as error:
        raise ValueError(
            "`path` must be a file of `torch.save(module.state_dict(), path)`: it is "
            f"damaged, cut off, or holds other things than tensors. Received: {path}"
        ) from error
    _check_tensors(content, path)
    strange = [
        f"{name!r}: {value.kind}"
        for name, value in content.items()
        if isinstance(value, NoArray)
    ]
    if strange:
        raise ValueError(
            "`path` must hold dense tensors with all their numbers. "
            f"Received: {path} with {', '.join(strange[:5])}"
        )
    return content


def _check_tensors(content: Any, path: pathlib.Path) -> None:
    if not isinstance(content, Mapping):
        found = f"a {type(content).__name__}"
    else:
        strange = [
            f"{name!r}: {type(value).__name__}"
            for name, value in content.items()
            if not (isinstance(name, str) and isinstance(value, (np.ndarray, NoArray)))
        ]
        if content and not strange:
            return
        found = f"a dictionary with {', '.join(strange[:5]) or 'nothing in it'}"
    raise ValueError(
        "`path` must hold a state dict, from names to tensors: save "
        f"`module.state_dict()` alone. Received: {path} with {found}"
    )


def _read_safetensors(path: pathlib.Path) -> dict[str, np.ndarray]:
    safetensors = _import_safetensors(path)
    try:
        arrays = safetensors.load_file(path)
    except Exception as error:
        raise ValueError(
            f"`path` must be a whole file of safetensors ({first_line(error)}). "
            f"Received: {path}"
        ) from error
    # NumPy knows this type from Keras' import of ml_dtypes, and computes nothing in it.
    return {
        name: array.astype("float32") if array.dtype.name == "bfloat16" else array
        for name, array in arrays.items()
    }


def _import_torch(path):
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "Writing PyTorch's files takes PyTorch: `pip install torch`, or pass a "
            f".safetensors file. Received: {path}"
        ) from error
    return torch


def _import_safetensors(path):
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            ".safetensors files take safetensors: `pip install safetensors`. "
            f"Received: {path}"
        ) from error
    return safetensors.numpy
