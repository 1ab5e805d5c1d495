"""The ResNet generator with separable convolutions: CRD's teacher and student."""

import keras

from crd_keras.models.encoder_decoder import encoder_decoder
from crd_keras.models.layer_factory import LayerFactory


def mobile_resnet_generator(
    input_shape: tuple | None = None,
    filters: int = 64,
    blocks: int = 9,
    output_channels: int = 3,
    dropout: float = 0.0,
    data_format: str | None = None,
    upsampling: str = "transposed",
    seed: int | None = None,
    name: str = "mobile_resnet_generator",
) -> keras.Model:
    """The ResNet generator with separable convolutions in its residual blocks.

    As `resnet_generator`, but each 3x3 convolution of a residual block is a
    depthwise 3x3 and a 1x1 convolution, each followed by instance normalisation.
    In "Exploring Content Relationships for Distilling Efficient GANs"
    (arXiv:2212.11091) the teacher has 64 filters and the student 16.

    Args:
        input_shape: Tuple without batch, in the order of `data_format`; height and
            width are `None` (any size divisible by 4) or at least 8. `None` means
            `(None, None, 3)`, or `(3, None, None)` with `"channels_first"`.
        filters: Integer, channels of the first layer; the residual blocks have
            four times as many.
        blocks: Integer, number of residual blocks.
        output_channels: Integer, channels of the image that comes out.
        dropout: Float in `[0, 1)`, dropout rate inside the residual blocks.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        upsampling: How images are doubled on the way up. `"transposed"`: by transposed
            convolutions, as published. `"resize"`: each pixel is repeated, then a 3x3
            convolution follows, which leaves no checkerboard pattern
            (https://distill.pub/2016/deconv-checkerboard).
        seed: Integer, for weights that are the same in each call and on each
            backend, or `None` for random ones.
        name: String, name of the model.

    Returns:
        A functional `keras.Model`: images in, images out, in `[-1, 1]`.

    Raises:
        ValueError: If `filters`, `blocks` or `output_channels` is below 1, `dropout` is
            not in `[0, 1)`, a given height or width is not divisible by 4, or
            `data_format` or `upsampling` is unknown.

    Example:

    ```python
    student = crd_keras.models.mobile_resnet_generator(filters=16, seed=0)
    images = np.random.uniform(-1, 1, (1, 256, 256, 3))
    translated = student(images)  # (1, 256, 256, 3)
    ```

    Reference:

    - [GAN Compression: Efficient Architectures for Interactive Conditional GANs](
      https://arxiv.org/abs/2003.08936), arXiv:2003.08936
    """
    return encoder_decoder(
        _residual_block,
        input_shape=input_shape,
        filters=filters,
        blocks=blocks,
        output_channels=output_channels,
        dropout=dropout,
        data_format=data_format,
        upsampling=upsampling,
        seed=seed,
        name=name,
    )


def _residual_block(
    x: keras.KerasTensor, make: LayerFactory, dropout: float, name: str
) -> keras.KerasTensor:
    residual = _separable_conv(x, make, f"{name}_1")
    residual = keras.layers.ReLU()(residual)
    if dropout:
        residual = make.dropout(dropout)(residual)
    residual = _separable_conv(residual, make, f"{name}_2")
    return keras.layers.Add(name=name)([x, residual])


def _separable_conv(
    x: keras.KerasTensor, make: LayerFactory, name: str
) -> keras.KerasTensor:
    channels = x.shape[make.channel_axis]
    x = make.reflection_padding(1)(x)
    x = make.depthwise_conv(3, name=f"{name}_depthwise")(x)
    x = make.instance_norm()(x)
    x = make.conv(channels, 1, name=f"{name}_pointwise")(x)
    return make.instance_norm()(x)
