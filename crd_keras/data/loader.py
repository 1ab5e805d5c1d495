"""What makes an image of a record, in a tf.data graph or without TensorFlow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Loader:
    """Makes an image of a record in either of two ways, called as a function in one.

    Args:
        name: Stands for what is made of a record. It stays when code moves, since what
            is computed from images is kept under it. Change it when the images change.
        tensor: Function from a record, as a TensorFlow tensor, to a uint8 tensor of
            shape (height, width, channels). It runs inside a tf.data graph.
        array: Function from a record, an element of a NumPy array, to a uint8 array of
            shape (height, width, channels). It does without TensorFlow.
        channels: How many channels the images have.
    """

    name: str
    tensor: Callable[[Any], Any]
    array: Callable[[Any], np.ndarray]
    channels: int = 3

    def __call__(self, record: Any) -> Any:
        return self.tensor(record)


def loader_name(load: Callable) -> str:
    """The name of a `Loader`; of other functions module and name."""
    if isinstance(load, Loader):
        return load.name
    return f"{load.__module__}.{load.__qualname__}"


def array_loader(load: Callable) -> Callable[[Any], np.ndarray]:
    """What loads an image without TensorFlow.

    Raises:
        ValueError: If it is not known: `load` is a function for tf.data alone.
    """
    if not isinstance(load, Loader):
        raise ValueError(
            "`load` must be a `crd_keras.data.Loader` for a pipeline without "
            f"TensorFlow. Received: {load}"
        )
    return load.array
