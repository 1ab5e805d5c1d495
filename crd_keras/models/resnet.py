"""The ResNet generator of CycleGAN."""

import keras

from crd_keras.models.encoder_decoder import encoder_decoder
from crd_keras.models.layer_factory import LayerFactory


def resnet_generator(
    input_shape: tuple | None = None,
    filters: int = 64,
    blocks: int = 9,
    output_channels: int = 3,
    dropout: float = 0.0,
    data_format: str | None = None,
    upsampling: str = "transposed",
    seed: int | None = None,
    name: str = "resnet_generator",
) -> keras.Model:
    """The ResNet generator of CycleGAN, layer by layer as in PyTorch.

    Reflection padding and a 7x7 convolution, two 3x3 convolutions of stride 2,
    `blocks` residual blocks, two transposed convolutions of stride 2, reflection
    padding and a 7x7 convolution, tanh. All but the last are followed by instance
    normalisation and ReLU. Output and input are of the same size.

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
    generator = crd_keras.models.resnet_generator(filters=16, seed=0)
    images = np.random.uniform(-1, 1, (1, 256, 256, 3))
    translated = generator(images)  # (1, 256, 256, 3)
    ```

    Reference:

    - [Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks](
      https://arxiv.org/abs/1703.10593), arXiv:1703.10593
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
    channels = x.shape[make.channel_axis]
    residual = make.reflection_padding(1)(x)
    residual = make.conv(channels, 3, name=f"{name}_conv1")(residual)
    residual = make.instance_norm()(residual)
    residual = keras.layers.ReLU()(residual)
    if dropout:
        residual = make.dropout(dropout)(residual)
    residual = make.reflection_padding(1)(residual)
    residual = make.conv(channels, 3, name=f"{name}_conv2")(residual)
    residual = make.instance_norm()(residual)
    return keras.layers.Add(name=name)([x, residual])
