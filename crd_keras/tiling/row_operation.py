"""A layer that computes some rows of its output from some rows of its input."""

import abc
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from crd_keras import backend


class RowOperation(abc.ABC):
    """A layer on pictures `(height, width, channels)`, of which it sees whole rows.

    Args:
        layer: The layer, channels last.
    """

    def __init__(self, layer: Any):
        self.layer = layer

    def height(self, height: int) -> int:
        """Height of the output for that of the input."""
        return height

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        """Which rows of an input of a height the output's rows need: first and end."""
        return first, end

    @abc.abstractmethod
    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        """Some rows of the output.

        Args:
            inputs: The `needed` rows of each input, `(rows, width, channels)`.
            first: The first row of the output.
            end: The row after the last one.
            height: The input's height.
        """


def run_layer(layer: Any, *inputs: np.ndarray) -> np.ndarray:
    """Calls a layer with pictures without a batch, as when it translates."""
    batches = [keras.ops.convert_to_tensor(x[None]) for x in inputs]
    with backend.no_gradient():
        outputs = layer(batches if len(batches) > 1 else batches[0], training=False)
    return keras.ops.convert_to_numpy(outputs)[0].astype("float32", copy=False)
