"""The layers of which some rows can be computed by themselves."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from crd_keras import layers
from crd_keras.tiling.convolutions import Convolved, Repeated, Transposed
from crd_keras.tiling.paddings import Cropped, Mirrored, ZeroPadded
from crd_keras.tiling.row_operation import RowOperation, run_layer

# Activations of each number by itself.
_ELEMENTWISE = {
    *("elu", "gelu", "hard_sigmoid", "hard_tanh", "leaky_relu", "linear", "relu"),
    *("relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh"),
}


class Pointwise(RowOperation):
    """Each pixel by itself, of one input or several."""

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        return run_layer(self.layer, *inputs)


class Unchanged(RowOperation):
    """A layer that gives what it takes when it translates."""

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        return inputs[0]


class Normalized(RowOperation):
    """`InstanceNormalization`, with the statistics of the whole picture.

    Attributes:
        mean: Mean of each channel of the input.
        scale: What is multiplied with: 1 by the standard deviation.
    """

    mean: np.ndarray
    scale: np.ndarray

    def set_statistics(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Takes those of the input, `(channels,)` in float64."""
        self.mean = mean.astype("float32")
        self.scale = (1 / np.sqrt(variance + self.layer.epsilon)).astype("float32")

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        return (inputs[0] - self.mean) * self.scale


def row_operation(layer: Any) -> RowOperation | None:
    """How a layer computes rows. `None`: it is not known."""
    is_known = type(layer) in _OPERATIONS and (
        getattr(layer, "data_format", "channels_last") == "channels_last"
        and all(allows(layer) for allows in _CONDITIONS)
    )
    return _OPERATIONS[type(layer)](layer) if is_known else None


def _is_elementwise(layer):
    activation = getattr(layer, "activation", None)
    return activation is None or (getattr(activation, "__name__", "") in _ELEMENTWISE)


_CONDITIONS: list[Callable[[Any], bool]] = [
    _is_elementwise,
    lambda layer: getattr(layer, "axis", -1) in (-1, 3),
    lambda layer: getattr(layer, "interpolation", "nearest") == "nearest",
    lambda layer: getattr(layer, "output_padding", None) is None,
    # Of transposed convolutions, whose result would have gaps.
    lambda layer: (
        not isinstance(layer, keras.layers.Conv2DTranspose)
        or set(layer.dilation_rate) == {1}
    ),
]

_OPERATIONS: dict[type, Callable[[Any], RowOperation]] = {
    keras.layers.Activation: Pointwise,
    keras.layers.Add: Pointwise,
    keras.layers.BatchNormalization: Pointwise,
    keras.layers.Concatenate: Pointwise,
    keras.layers.Conv2D: Convolved,
    keras.layers.Conv2DTranspose: Transposed,
    keras.layers.Cropping2D: Cropped,
    keras.layers.DepthwiseConv2D: Convolved,
    keras.layers.Dropout: Unchanged,
    keras.layers.LeakyReLU: Pointwise,
    keras.layers.ReLU: Pointwise,
    keras.layers.Rescaling: Pointwise,
    keras.layers.UpSampling2D: Repeated,
    keras.layers.ZeroPadding2D: ZeroPadded,
    layers.Conv2D: Convolved,
    layers.Cropping2D: Cropped,
    layers.DepthwiseConv2D: Convolved,
    layers.DivisibleSize: Unchanged,
    layers.InstanceNormalization: Normalized,
    layers.ReflectionPadding2D: Mirrored,
}
