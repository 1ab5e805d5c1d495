"""Layers that Keras does not have, or that are faster here than Keras' own."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.backend import images
from crd_keras.utils.validation import check_above, check_at_least


def _spatial_axes(data_format: str) -> tuple[int, int]:
    """The axes (height, width) of a batch of images."""
    return (1, 2) if data_format == "channels_last" else (2, 3)


@keras.saving.register_keras_serializable(package="crd_keras")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D`, computed faster. See `crd_keras.backend.images`."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        x = images.conv(inputs, self.kernel, **_convolution_arguments(self))
        return self.activation(x)


@keras.saving.register_keras_serializable(package="crd_keras")
class DepthwiseConv2D(keras.layers.DepthwiseConv2D):
    """`keras.layers.DepthwiseConv2D`, computed faster."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        x = images.depthwise_conv(inputs, self.kernel, **_convolution_arguments(self))
        return self.activation(x)


@keras.saving.register_keras_serializable(package="crd_keras")
class ReflectionPadding2D(keras.layers.Layer):
    """Pads images by mirroring them at their borders.

    The border pixel itself is not repeated: `[a, b, c]` padded by 2 becomes
    `[c, b, a, b, c, b, a]`, as `torch.nn.ReflectionPad2d` does it.

    Args:
        padding: Integer, the pixels added on each of the four sides.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        **kwargs: Base layer keyword arguments (e.g. `name` and `dtype`).

    Call arguments:
        inputs: Images, `(batch, height, width, channels)` or
            `(batch, channels, height, width)`. Height and width must be larger
            than `padding`.

    Returns:
        The images with height and width larger by `2 * padding`.

    Raises:
        ValueError: If `padding` is below 1, or the images are not larger than
            `padding`.
    """

    def __init__(self, padding: int = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        check_at_least(1, padding=padding)
        self.padding = padding
        self.data_format = data_format or keras.config.image_data_format()
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: KerasTensor) -> KerasTensor:
        # JAX would reflect a second time instead of failing.
        self._check_size(inputs.shape)
        return images.reflection_pad(inputs, self.padding, self.data_format)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        self._check_size(input_shape)
        output_shape = list(input_shape)
        for axis in _spatial_axes(self.data_format):
            size = output_shape[axis]
            if size is not None:
                output_shape[axis] = size + 2 * self.padding
        return tuple(output_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "padding": self.padding,
            "data_format": self.data_format,
        }

    def _check_size(self, shape):
        sizes = [shape[axis] for axis in _spatial_axes(self.data_format)]
        if any(size is not None and size <= self.padding for size in sizes):
            raise ValueError(
                f"Images of {sizes[0]}x{sizes[1]} are too small for the `padding` of "
                f"layer `{self.name}`. Received: padding={self.padding}"
            )


@keras.saving.register_keras_serializable(package="crd_keras")
class DivisibleSize(keras.layers.Layer):
    """Returns images as they are, and refuses those whose size does not fit.

    A network that halves its images several times and doubles them again would
    otherwise fail somewhere inside, where sizes no longer match.

    Args:
        divisor: Integer, what height and width must be divisible by.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        **kwargs: Base layer keyword arguments (e.g. `name` and `dtype`).

    Call arguments:
        inputs: Images, `(batch, height, width, channels)` or
            `(batch, channels, height, width)`.

    Returns:
        The same images.

    Raises:
        ValueError: If `divisor` is below 1, or height or width is known and not
            divisible by it.
    """

    def __init__(self, divisor: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        check_at_least(1, divisor=divisor)
        self.divisor = divisor
        self.data_format = data_format or keras.config.image_data_format()
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: KerasTensor) -> KerasTensor:
        self._check_size(inputs.shape)
        return inputs

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        self._check_size(input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "divisor": self.divisor,
            "data_format": self.data_format,
        }

    def _check_size(self, shape):
        sizes = [shape[axis] for axis in _spatial_axes(self.data_format)]
        if any(size is not None and size % self.divisor for size in sizes):
            raise ValueError(
                "Height and width of images must be divisible by "
                f"{self.divisor}. Received: {sizes[0]}x{sizes[1]}"
            )


@keras.saving.register_keras_serializable(package="crd_keras")
class Cropping2D(keras.layers.Cropping2D):
    """`keras.layers.Cropping2D` with a faster gradient.

    Keras indexes the images. On TensorFlow the gradient of that takes ten times as
    long as the gradient of a slice.
    """

    def call(self, inputs: KerasTensor) -> KerasTensor:
        starts, sizes = [0] * 4, list(ops.shape(inputs))
        axes = _spatial_axes(self.data_format)
        for axis, (before, after) in zip(axes, self.cropping, strict=True):
            starts[axis] = before
            sizes[axis] -= before + after
        return ops.slice(inputs, starts, sizes)


@keras.saving.register_keras_serializable(package="crd_keras")
class InstanceNormalization(keras.layers.Layer):
    """Normalises each channel of each image to mean 0 and variance 1.

    The statistics run over height and width (biased variance) and are taken in
    float32 or better, also under mixed precision. There is neither scale nor
    offset, as in the networks of CycleGAN.

    `keras.layers.GroupNormalization(groups=-1, epsilon=1e-5, center=False,
    scale=False)` means the same and is as fast, but on PyTorch it computes the
    variance as E[x^2] - E[x]^2, which is wrong or even negative, and then NaN,
    where an image is nearly flat.

    Args:
        epsilon: Float, added to the variance.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        **kwargs: Base layer keyword arguments (e.g. `name` and `dtype`).

    Call arguments:
        inputs: `(batch, height, width, channels)` or
            `(batch, channels, height, width)`.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: If `epsilon` is not positive and finite.

    Reference:

    - [Instance Normalization: The Missing Ingredient for Fast Stylization](
      https://arxiv.org/abs/1607.08022), arXiv:1607.08022
    """

    def __init__(
        self, epsilon: float = 1e-5, data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        check_above(0, epsilon=epsilon)
        self.epsilon = epsilon
        self.data_format = data_format or keras.config.image_data_format()
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: KerasTensor) -> KerasTensor:
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        x = images.normalize_images(x, self.epsilon, self.data_format)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "data_format": self.data_format,
        }


def _convolution_arguments(layer):
    return {
        "bias": layer.bias if layer.use_bias else None,
        "strides": layer.strides,
        "padding": layer.padding,
        "dilation_rate": layer.dilation_rate,
        "data_format": layer.data_format,
    }
