"""Weights from a file, for a model that is there already."""

import os
import pathlib

import keras

from crd_keras.interop.network import describe_network, read_network
from crd_keras.state_dicts.state_dict import STATE_DICT_SUFFIXES
from crd_keras.utils.errors import first_line


def load_weights(model: keras.Model, path: str | os.PathLike) -> None:
    """Gives a model the weights of a file; it is left as it was if they do not fit.

    Args:
        model: The model.
        path: A `.keras` file of a model of the same architecture, the `.weights.h5`
            file of one, or a PyTorch checkpoint (`.pth`, `.pt`, `.safetensors`) for
            `crd_keras.interop.read_network`.

    Raises:
        FileNotFoundError: If there is no such file.
        ImportError: If safetensors is needed and not installed.
        ValueError: If the file cannot be read, or the weights are those of another
            architecture.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            "`path` must be a .keras or .weights.h5 file, or a PyTorch checkpoint. "
            f"Received: {path}, which is no file"
        )
    if path.suffix in STATE_DICT_SUFFIXES:
        other = read_network(path).model
    else:
        # A wrong file ends in many kinds of exceptions, from h5py, Keras and zipfiles.
        try:
            if path.suffix != ".keras":
                _load_all_or_none(model, path)
                return
            other = keras.saving.load_model(path, compile=False)
        except Exception as error:
            raise ValueError(
                f"`path` must hold the weights of {model.name}, "
                f"{describe_network(model)} ({first_line(error)}). Received: {path}"
            ) from error
    needed, found = ([w.shape for w in m.weights] for m in (model, other))
    if needed != found:
        raise ValueError(
            f"`path` must hold the weights of {model.name}, {describe_network(model)}. "
            f"Received: {path} with {describe_network(other)}"
        )
    model.set_weights(other.get_weights())


def _load_all_or_none(model, path):
    """As Keras, which assigns one layer after the other until one does not fit."""
    before = [keras.ops.copy(variable.value) for variable in model.variables]
    try:
        model.load_weights(path)
    except BaseException:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)
        raise
