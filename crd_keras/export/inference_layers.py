"""Layers that mean what those of training mean, in the form that converters like."""

from typing import Any

import keras
import numpy as np
from keras import KerasTensor, ops

from crd_keras.layers import ReflectionPadding2D
from crd_keras.utils.images import from_pixels, to_pixels

_SPATIAL_AXES = (1, 2)
# How many tensors LiteRT puts together in the fast way.
_MOST_CONCATENATED = 5


class ExportedInstanceNormalization(keras.layers.Layer):
    """`crd_keras.layers.InstanceNormalization`, in fewer operations.

    Mean and variance are taken over all pixels at once, which is one operation where
    there would be two. The square is a product, since of squared differences LiteRT
    has no int8 form that is fast.

    Args:
        epsilon: Added to the variance: a float, or one for each channel.
        **kwargs: Base layer keyword arguments.

    Call with `(batch, height, width, channels)`; a tensor of the same shape comes out.
    """

    def __init__(self, epsilon: float | np.ndarray = 1e-5, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs: KerasTensor) -> KerasTensor:
        epsilon = ops.convert_to_tensor(self.epsilon, inputs.dtype)
        return self.normalize(inputs, epsilon)

    def normalize(self, images: KerasTensor, epsilon: Any) -> KerasTensor:
        """The images with mean 0 and variance 1. Converters see this."""
        x = images - ops.mean(images, axis=_SPATIAL_AXES, keepdims=True)
        variance = ops.mean(x * x, axis=_SPATIAL_AXES, keepdims=True)
        return x * ops.rsqrt(variance + epsilon)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape


class OneEpsilonInstanceNormalization(ExportedInstanceNormalization):
    """`ExportedInstanceNormalization` whose epsilon is the same for all channels.

    ONNX' operator has no other. Where channels have epsilons of their own, they are
    scaled before: a channel a times as large, with a^2 times its epsilon, comes out
    the same.
    """

    def call(self, inputs: KerasTensor) -> KerasTensor:
        epsilon = float(np.min(self.epsilon))
        if np.ndim(self.epsilon):
            scales = np.sqrt(epsilon / np.asarray(self.epsilon, "float64"))
            inputs = inputs * ops.convert_to_tensor(scales, inputs.dtype)
        return self.normalize(inputs, epsilon)


class ZeroMeanInstanceNormalization(ExportedInstanceNormalization):
    """`ExportedInstanceNormalization` of images whose channels have mean 0 by now."""

    def normalize(self, images: KerasTensor, epsilon: Any) -> KerasTensor:
        variance = ops.mean(images * images, axis=_SPATIAL_AXES, keepdims=True)
        return images * ops.rsqrt(variance + epsilon)


class MirrorPadding2D(ReflectionPadding2D):
    """`crd_keras.layers.ReflectionPadding2D` as the one operation that ONNX has for it.

    What is fastest in a training becomes a dozen operations there, most of which only
    compute shapes: a larger file, and half as fast.
    """

    def call(self, inputs: KerasTensor) -> KerasTensor:
        both_sides = (self.padding, self.padding)
        widths = ((0, 0), both_sides, both_sides, (0, 0))
        return ops.pad(inputs, widths, mode="reflect")


class SlicedReflectionPadding2D(ReflectionPadding2D):
    """`crd_keras.layers.ReflectionPadding2D`, put together from rows and columns.

    LiteRT's own mirror padding takes several times as long as the convolution after it.
    """

    def call(self, inputs: KerasTensor) -> KerasTensor:
        x = self._mirrored(inputs, lambda x, i, stop: x[:, i:stop], axis=1)
        return self._mirrored(x, lambda x, i, stop: x[:, :, i:stop], axis=2)

    def _mirrored(self, x, cut, axis):
        """The images with mirrored rows or columns, which `cut` takes out of them."""
        offsets = range(1, self.padding + 1)
        before = [cut(x, i, i + 1) for i in reversed(offsets)]
        after = [cut(x, -i - 1, -i) for i in offsets]
        if 2 * self.padding + 1 > _MOST_CONCATENATED:
            before, after = (
                [ops.concatenate(parts, axis=axis)] for parts in (before, after)
            )
        return ops.concatenate([*before, x, *after], axis=axis)


class SubpixelConv2D(keras.layers.Conv2D):
    """A convolution with as large strides as the blocks of pixels that it makes.

    See `crd_keras.export.subpixel_convolutions`. Arguments are those of
    `keras.layers.Conv2D`; `filters` are all channels of a block.
    """

    pixels_one_by_one = True
    """Whether the channels are those of a block's first pixel, then of the next. Or
    else the first channel of each pixel comes first."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        return self.shuffle(super().call(inputs))

    def shuffle(self, images: KerasTensor) -> KerasTensor:
        """Makes pixels of channels."""
        return ops.depth_to_space(images, self.strides[0])

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        batch, *size, channels = super().compute_output_shape(input_shape)
        block = self.strides[0]
        fine = (None if side is None else side * block for side in size)
        return (batch, *fine, channels // block**2)


class FromPixels(keras.layers.Layer):
    """Turns uint8 images in 0-255 into float32 in [-1, 1]."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        return from_pixels(ops.cast(inputs, "float32"))

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(inputs.shape, "float32")


class ToPixels(keras.layers.Layer):
    """Turns images in [-1, 1] into uint8 in 0-255, rounded."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        return ops.cast(ops.round(ops.clip(to_pixels(inputs), 0, 255)), "uint8")

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        return KerasTensor(inputs.shape, "uint8")
