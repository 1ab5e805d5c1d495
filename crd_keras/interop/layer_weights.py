"""The weights of a Keras layer under PyTorch's names and in PyTorch's shapes."""

from typing import NamedTuple

import keras
import numpy as np

# Both kinds of convolutions, (height, width, a, b) to (b, a, height, width): Keras has
# input channels before filters, and the other way round where it is transposed.
_KERNEL_AXES = (3, 2, 0, 1)
# (height, width, channels, 1) to (channels, 1, height, width)
_DEPTHWISE_AXES = (2, 3, 0, 1)


class LayerWeight(NamedTuple):
    """A variable, and how its axes are ordered for PyTorch."""

    variable: keras.Variable
    axes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape in PyTorch."""
        return tuple(self.variable.shape[axis] for axis in self.axes)

    def to_torch(self) -> np.ndarray:
        array = keras.ops.convert_to_numpy(self.variable)
        return np.array(array.transpose(self.axes), order="C")

    def from_torch(self, array: np.ndarray) -> None:
        self.variable.assign(array.transpose(np.argsort(self.axes)))


def layer_weights(layer: keras.layers.Layer) -> dict[str, LayerWeight]:
    """A layer's weights by the names that PyTorch gives them, in its order.

    Args:
        layer: A convolution, depthwise or transposed too, or a batch normalisation.

    Raises:
        TypeError: If it is another layer.
    """
    if isinstance(layer, keras.layers.BatchNormalization):
        variables = {
            "weight": layer.gamma,
            "bias": layer.beta,
            "running_mean": layer.moving_mean,
            "running_var": layer.moving_variance,
        }
        return {name: LayerWeight(v, (0,)) for name, v in variables.items()}
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        axes = _DEPTHWISE_AXES
    elif isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
        axes = _KERNEL_AXES
    else:
        raise TypeError(
            "`layer` must be a convolution or a batch normalisation. "
            f"Received: {layer.name}, a {type(layer).__name__}"
        )
    weights = {"weight": LayerWeight(layer.kernel, axes)}
    if layer.use_bias:
        weights["bias"] = LayerWeight(layer.bias, (0,))
    return weights
