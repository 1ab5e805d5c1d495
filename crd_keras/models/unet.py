"""The U-Net generator of Pix2Pix."""

import keras

from crd_keras.models.layer_factory import LayerFactory
from crd_keras.utils.validation import check_at_least, check_rate


def unet_generator(
    input_shape: tuple | None = None,
    filters: int = 64,
    downs: int = 8,
    output_channels: int = 3,
    dropout: float = 0.0,
    data_format: str | None = None,
    upsampling: str = "transposed",
    seed: int | None = None,
    name: str = "unet_generator",
) -> keras.Model:
    """The U-Net generator of Pix2Pix with batch normalisation, as in PyTorch.

    `downs` 4x4 convolutions of stride 2, then as many transposed ones. LeakyReLU
    (0.2) stands before each on the way down but the first, ReLU before each on the
    way up. Batch normalisation follows all but the outermost two and the innermost
    convolution. What a level of the way down gives is concatenated, channels before
    channels, with what the way up has at the same size. Only the last transposed
    convolution, which tanh follows, has a bias.

    Args:
        input_shape: Tuple without batch, in the order of `data_format`; height and
            width are `None` or divisible by `2**downs`. `None` means
            `(None, None, 3)`, or `(3, None, None)` with `"channels_first"`.
        filters: Integer, channels of the first level; they double from level to
            level up to 8 times as many. CRD's teacher (arXiv:2212.11091) has 64, its
            student 16.
        downs: Integer, how often the image is halved. 8 make one pixel of an image
            of 256x256.
        output_channels: Integer, channels of the image that comes out.
        dropout: Float in `[0, 1)`, dropout rate on the way up, in the levels of
            `8 * filters` channels but the innermost. (Published Pix2Pix: 0.5.)
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
        A functional `keras.Model`: images in, images out, in `[-1, 1]`. Called with
        images of another size than a multiple of `2**downs`, it raises a ValueError.

    Raises:
        ValueError: If `filters`, `downs` or `output_channels` is below 1, `dropout` is
            not in `[0, 1)`, a given height or width is not divisible by `2**downs`, or
            `data_format` or `upsampling` is unknown.

    Example:

    ```python
    student = crd_keras.models.unet_generator(filters=16, seed=0)
    images = np.random.uniform(-1, 1, (1, 256, 256, 3))
    translated = student(images)  # (1, 256, 256, 3)
    ```

    References:

    - [Image-to-Image Translation with Conditional Adversarial Networks](
      https://arxiv.org/abs/1611.07004), arXiv:1611.07004
    - [U-Net: Convolutional Networks for Biomedical Image Segmentation](
      https://arxiv.org/abs/1505.04597), arXiv:1505.04597
    """
    check_at_least(1, filters=filters, downs=downs, output_channels=output_channels)
    check_rate(dropout=dropout)

    make = LayerFactory(data_format, seed, upsampling)
    input_shape = input_shape or make.default_input_shape()
    divisor = 2**downs
    if any(
        size is not None and size % divisor for size in make.image_size(input_shape)
    ):
        raise ValueError(
            f"Height and width in `input_shape` must be divisible by {divisor} "
            f"(2**downs). Received: {input_shape}"
        )
    # Channels of each level, the outermost first.
    channels = [filters * min(2**level, 8) for level in range(downs)]
    innermost = downs - 1

    inputs = keras.Input(input_shape, name="images")
    x = make.divisible_size(divisor)(inputs)
    skips = []
    for level in range(downs):
        if level > 0:
            x = keras.layers.LeakyReLU(0.2, name=f"down{level}_relu")(x)
        # A batch norm has an offset of its own. The published network has no bias
        # in the levels without batch norm either.
        x = make.halving_conv(channels[level], use_bias=False, name=f"down{level + 1}")(
            x
        )
        if 0 < level < innermost:
            x = make.batch_norm()(x)
        skips.append(x)
    # Each activation has the name of what it follows.
    followed = f"down{downs}"
    for level in reversed(range(1, downs)):
        x = keras.layers.ReLU(name=f"{followed}_relu")(x)
        x = make.doubling_conv(
            channels[level - 1], use_bias=False, name=f"up{level + 1}"
        )(x)
        x = make.batch_norm()(x)
        if dropout and level < innermost and channels[level - 1] == 8 * filters:
            x = make.dropout(dropout)(x)
        followed = f"skip{level}"
        x = make.concatenate([skips[level - 1], x], name=followed)
    x = keras.layers.ReLU(name=f"{followed}_relu")(x)
    x = make.doubling_conv(output_channels, name="up1")(x)
    # Images stay float32 under mixed precision: losses compare them.
    outputs = keras.layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model(inputs, outputs, name=name)
