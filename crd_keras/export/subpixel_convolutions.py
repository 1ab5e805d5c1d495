"""Convolutions that are faster when they make several pixels at once."""

import keras
import numpy as np

from crd_keras.export.inference_layers import SubpixelConv2D
from crd_keras.layers import Conv2D

_BLOCK = 2
# Of blocks, not more than the 16 channels that a runtime computes together.
_FEW_FILTERS = 4


def with_subpixel_convolutions(
    network: keras.Model, layer_type: type[SubpixelConv2D]
) -> keras.Model:
    """Has convolutions that give few channels make blocks of 2x2 pixels at a time.

    Runtimes compute up to 16 channels together, also where there are only the 3 of a
    generator's last convolution: 13 are for nothing. A block of pixels has 12. Its
    kernel is a pixel larger, and holds each pixel's own one among zeros: the network
    computes the same. The last convolution of a student of 16 filters takes a third of
    the time so, which was a third of all.

    Args:
        network: A functional model, channels last, of images of a fixed size.
            Convolutions stay as they are where sizes are open or odd.
        layer_type: What the convolutions become.

    Returns:
        A network of the same outputs. All other layers are shared.
    """
    few = [layer for layer in network.layers if _has_few_filters(layer)]
    replaced = {layer: _subpixel_layer(layer, layer_type) for layer in few}
    shape = network.input_shape
    result = keras.models.clone_model(
        network,
        input_tensors=keras.Input(shape[1:], shape[0], name=network.inputs[0].name),
        clone_function=lambda layer: replaced.get(layer, layer),
    )
    for layer, new_layer in replaced.items():
        new_layer.set_weights(_weights(layer, new_layer))
    return result


def _has_few_filters(layer):
    plain = (1, 1)
    return (
        type(layer) in (keras.layers.Conv2D, Conv2D)
        and layer.filters <= _FEW_FILTERS
        and layer.padding == "valid"
        and layer.groups == 1
        and layer.strides == layer.dilation_rate == plain
        and layer.kernel_size != plain
        and len(layer._inbound_nodes) == 1
        and all(
            size is not None and size % _BLOCK == 0 for size in layer.output.shape[1:3]
        )
    )


def _subpixel_layer(layer, layer_type):
    return layer_type(
        layer.filters * _BLOCK**2,
        tuple(size + _BLOCK - 1 for size in layer.kernel_size),
        strides=_BLOCK,
        activation=layer.activation,
        use_bias=layer.use_bias,
        name=layer.name,
    )


def _weights(layer, new_layer):
    kernel, *bias = layer.get_weights()
    height, width, channels, filters = kernel.shape
    size = new_layer.kernel_size
    # (height, width, in) of each pixel of the block, row by row, and its channels.
    kernels = np.zeros((*size, channels, _BLOCK, _BLOCK, filters), "float32")
    for row, column in np.ndindex(_BLOCK, _BLOCK):
        kernels[row : row + height, column : column + width, :, row, column] = kernel
    biases = [np.broadcast_to(values, (_BLOCK, _BLOCK, filters)) for values in bias]
    if not new_layer.pixels_one_by_one:
        kernels, *biases = (np.moveaxis(x, -1, -3) for x in (kernels, *biases))
    return [kernels.reshape(*size, channels, -1), *(x.reshape(-1) for x in biases)]
