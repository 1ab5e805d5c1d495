"""What the layers of one network have in common, said once."""

from collections.abc import Callable
from typing import Any

import keras

from crd_keras.layers import (
    Conv2D,
    Cropping2D,
    DepthwiseConv2D,
    DivisibleSize,
    InstanceNormalization,
    ReflectionPadding2D,
)
from crd_keras.models.seeds import SeededNormal, seed_stream


class LayerFactory:
    """Makes the layers of one network: one data format, one stream of seeds.

    Kernels start from N(0, 0.02), biases from zero. Unless told to, convolutions do
    not pad: the padding is a layer of its own, because Keras' `"same"` pads another
    side than PyTorch when the stride is 2 or the kernel even.

    Args:
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        seed: Integer, or `None` for random weights.
        upsampling: How images are doubled: `"transposed"` or `"resize"`.

    Raises:
        ValueError: If `data_format` or `upsampling` is unknown.
    """

    def __init__(
        self,
        data_format: str | None = None,
        seed: int | None = None,
        upsampling: str = "transposed",
    ):
        data_format = data_format or keras.config.image_data_format()
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                "`data_format` must be 'channels_last' or 'channels_first'. "
                f"Received: {data_format}"
            )
        if upsampling not in ("transposed", "resize"):
            raise ValueError(
                f"`upsampling` must be 'transposed' or 'resize'. Received: {upsampling}"
            )
        self.data_format = data_format
        self.upsampling = upsampling
        self.channel_axis = -1 if data_format == "channels_last" else 1
        self._seeds = seed_stream(seed)

    def next_seed(self) -> int:
        """The seed of the next layer that draws random numbers."""
        return next(self._seeds)

    def default_input_shape(self) -> tuple:
        """RGB images of any size."""
        if self.data_format == "channels_last":
            return (None, None, 3)
        return (3, None, None)

    def image_size(self, input_shape: tuple) -> tuple:
        """The `(height, width)` in an `input_shape` without batch."""
        if self.data_format == "channels_last":
            return tuple(input_shape[:2])
        return tuple(input_shape[1:])

    def divisible_size(self, divisor: int) -> keras.layers.Layer:
        return DivisibleSize(divisor, data_format=self.data_format)

    def concatenate(self, tensors: list, **kwargs: Any) -> keras.KerasTensor:
        """Joins tensors along their channels."""
        return keras.layers.Concatenate(axis=self.channel_axis, **kwargs)(tensors)

    def reflection_padding(self, padding: int) -> keras.layers.Layer:
        return ReflectionPadding2D(padding, data_format=self.data_format)

    def zero_padding(self, padding: int) -> keras.layers.Layer:
        return keras.layers.ZeroPadding2D(padding, data_format=self.data_format)

    def conv(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> keras.layers.Layer:
        return Conv2D(
            filters,
            kernel_size,
            strides=strides,
            use_bias=use_bias,
            data_format=self.data_format,
            kernel_initializer=SeededNormal(stddev=0.02, seed=self.next_seed()),
            **kwargs,
        )

    def depthwise_conv(self, kernel_size: int, **kwargs: Any) -> keras.layers.Layer:
        return DepthwiseConv2D(
            kernel_size,
            data_format=self.data_format,
            depthwise_initializer=SeededNormal(stddev=0.02, seed=self.next_seed()),
            **kwargs,
        )

    def halving_conv(self, filters: int, **kwargs: Any) -> keras.layers.Layer:
        """A 4x4 convolution that halves even heights and widths."""
        # Of even sizes, and with this kernel and stride, "same" pads as PyTorch's
        # `padding=1` does.
        return self.conv(filters, 4, strides=2, padding="same", **kwargs)

    def doubling_conv(
        self, filters: int, **kwargs: Any
    ) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
        """A transposed 4x4 convolution that doubles height and width, or a resize."""
        if self.upsampling == "resize":
            return self._resizing_conv(filters, **kwargs)
        # As for `halving_conv`, "same" is PyTorch's `padding=1`.
        return self._transposed_conv(filters, 4, padding="same", **kwargs)

    def upsampling_conv(
        self, filters: int, **kwargs: Any
    ) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
        """A transposed 3x3 convolution that doubles height and width, or a resize."""
        if self.upsampling == "resize":
            return self._resizing_conv(filters, **kwargs)
        transposed = self._transposed_conv(filters, 3, **kwargs)
        # `padding=1, output_padding=1` of PyTorch drops the first row and column of
        # the full result; Keras' "same" would drop the last ones.
        crop = Cropping2D(((1, 0), (1, 0)), data_format=self.data_format)
        return lambda x: crop(transposed(x))

    def _resizing_conv(self, filters, **kwargs):
        """Repeats each pixel, then a 3x3 convolution: it leaves no checkerboard."""
        resize = keras.layers.UpSampling2D(2, data_format=self.data_format)
        padding = self.reflection_padding(1)
        conv = self.conv(filters, 3, **kwargs)
        return lambda x: conv(padding(resize(x)))

    def _transposed_conv(self, filters, kernel_size, **kwargs):
        return keras.layers.Conv2DTranspose(
            filters,
            kernel_size,
            strides=2,
            data_format=self.data_format,
            kernel_initializer=SeededNormal(stddev=0.02, seed=self.next_seed()),
            **kwargs,
        )

    def instance_norm(self) -> keras.layers.Layer:
        return InstanceNormalization(data_format=self.data_format)

    def batch_norm(self) -> keras.layers.Layer:
        return keras.layers.BatchNormalization(
            axis=self.channel_axis,
            momentum=0.9,
            epsilon=1e-5,
            gamma_initializer=SeededNormal(1.0, 0.02, seed=self.next_seed()),
        )

    def dropout(self, rate: float) -> keras.layers.Layer:
        return keras.layers.Dropout(rate, seed=self.next_seed())
