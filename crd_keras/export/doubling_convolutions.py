"""Transposed convolutions as plain ones, which runtimes compute faster."""

from typing import Any

import keras
from keras import KerasTensor, ops

# More filters than these fill a processor's vectors by themselves.
_MOST_FILTERS = 16
# How the channels of a kernel are padded.
_WHOLE = ((0, 0), (0, 0))


class DoublingConv2D(keras.layers.Conv2DTranspose):
    """A transposed convolution of 3x3 with strides of 2, without first row and column.

    Each pixel that goes in makes a block of 2x2 that come out. Of a row it becomes two:
    the kernel's middle row makes the first, its last row and, from the pixels below,
    its first row make the second. That is a plain convolution of 2x2 with four times as
    many channels, which are put in their places afterwards.
    """

    def call(self, inputs: KerasTensor) -> KerasTensor:
        # Behind its three rows and columns, zeros.
        kernel = ops.pad(self.kernel, ((0, 1), (0, 1), *_WHOLE))
        kernel = ops.transpose(kernel, (0, 1, 3, 2))
        taps = ((1, 3), (2, 0))
        kernel = ops.concatenate(
            [
                ops.take(ops.take(kernel, rows, axis=0), columns, axis=1)
                for rows in taps
                for columns in taps
            ],
            axis=-1,
        )
        x = ops.conv(inputs, kernel, padding="same", data_format="channels_last")
        if self.use_bias:
            x += ops.tile(self.bias, 4)
        x = ops.depth_to_space(x, 2, data_format="channels_last")
        return self.activation(x)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        batch, height, width, _ = input_shape
        doubled = (None if size is None else 2 * size for size in (height, width))
        return (batch, *doubled, self.filters)


def doubling_form(
    layer: keras.layers.Layer, config: dict[str, Any]
) -> keras.layers.Layer | None:
    """What stands for a transposed convolution of few filters and for its crop.

    The two become a `DoublingConv2D` of the same weights and nothing.

    Args:
        layer: A layer of a functional model, channels last.
        config: The layer's, as the new one shall have it.

    Returns:
        A new layer, or `None` where the given one stays as it is.
    """
    if _is_doubling(layer) and _crops_first(_only(layer._outbound_nodes)):
        return DoublingConv2D.from_config(config)
    if _crops_first(layer) and _is_doubling(_source(layer)):
        if _only(_source(layer)._outbound_nodes) is layer:
            return keras.layers.Identity(name=layer.name, dtype=config["dtype"])
    return None


def _is_doubling(layer):
    return (
        isinstance(layer, keras.layers.Conv2DTranspose)
        and layer.filters <= _MOST_FILTERS
        and layer.kernel_size == (3, 3)
        and layer.strides == (2, 2)
        and layer.padding == "valid"
        and layer.dilation_rate == (1, 1)
        and layer.output_padding is None
    )


def _crops_first(layer):
    return (
        isinstance(layer, keras.layers.Cropping2D)
        and layer.cropping == ((1, 0), (1, 0))
        and len(layer._inbound_nodes) == 1
    )


def _source(layer):
    return layer.input._keras_history.operation


def _only(nodes):
    """The operation of the only node, `None` if there are others."""
    return nodes[0].operation if len(nodes) == 1 else None
