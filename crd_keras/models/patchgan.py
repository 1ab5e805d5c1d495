"""The PatchGAN discriminator."""

import keras

from crd_keras.models.layer_factory import LayerFactory
from crd_keras.utils.validation import check_at_least


def patch_discriminator(
    input_shape: tuple | None = None,
    filters: int = 64,
    layers: int = 3,
    norm: str = "instance",
    data_format: str | None = None,
    seed: int | None = None,
    name: str = "patch_discriminator",
) -> keras.Model:
    """The PatchGAN discriminator, which classifies overlapping patches of an image.

    `layers` 4x4 convolutions of stride 2, one of stride 1 and one of stride 1 to a
    single channel, all padded by 1. LeakyReLU (0.2) follows all but the last, and
    `norm` stands before it in all but the first. With 3 layers each number classifies
    a patch of 70x70 pixels.

    Args:
        input_shape: Tuple without batch, in the order of `data_format`; height and
            width may be `None`. `None` means `(None, None, 3)`, or
            `(3, None, None)` with `"channels_first"`. Pix2Pix classifies pairs of
            images, concatenated: 6 channels.
        filters: Integer, channels of the first layer; they double up to 8 times as
            many.
        layers: Integer, number of convolutions of stride 2.
        norm: `"instance"` or `"batch"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        seed: Integer, for weights that are the same in each call and on each
            backend, or `None` for random ones.
        name: String, name of the model.

    Returns:
        A functional `keras.Model`: images in, one unbounded number per patch out,
        `(batch, 30, 30, 1)` for images of 256x256 and 3 layers.

    Raises:
        ValueError: If `filters` or `layers` is below 1, or `norm` or `data_format`
            is unknown.

    Example:

    ```python
    discriminator = crd_keras.models.patch_discriminator(seed=0)
    images = np.random.uniform(-1, 1, (1, 256, 256, 3))
    scores = discriminator(images)  # (1, 30, 30, 1)
    ```

    Reference:

    - [Image-to-Image Translation with Conditional Adversarial Networks](
      https://arxiv.org/abs/1611.07004), arXiv:1611.07004
    """
    check_at_least(1, filters=filters, layers=layers)
    if norm not in ("instance", "batch"):
        raise ValueError(f"`norm` must be 'instance' or 'batch'. Received: {norm}")

    make = LayerFactory(data_format, seed)
    make_norm = make.instance_norm if norm == "instance" else make.batch_norm

    inputs = keras.Input(input_shape or make.default_input_shape(), name="images")
    x = make.zero_padding(1)(inputs)
    x = make.conv(filters, 4, strides=2, name="conv1")(x)
    x = keras.layers.LeakyReLU(0.2)(x)
    for layer in range(1, layers + 1):
        x = make.zero_padding(1)(x)
        x = make.conv(
            filters * min(2**layer, 8),
            4,
            strides=2 if layer < layers else 1,
            # A batch norm has an offset of its own. The published networks keep
            # the bias before an instance norm, where it does nothing.
            use_bias=norm == "instance",
            name=f"conv{layer + 1}",
        )(x)
        x = make_norm()(x)
        x = keras.layers.LeakyReLU(0.2)(x)
    x = make.zero_padding(1)(x)
    # Scores stay float32 under mixed precision.
    scores = make.conv(1, 4, dtype="float32", name="scores")(x)
    return keras.Model(inputs, scores, name=name)
