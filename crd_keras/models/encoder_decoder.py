"""The frame that both ResNet generators share."""

from collections.abc import Callable

import keras

from crd_keras.models.layer_factory import LayerFactory
from crd_keras.utils.validation import check_at_least, check_rate

ResidualBlock = Callable[..., keras.KerasTensor]


def encoder_decoder(
    residual_block: ResidualBlock,
    *,
    input_shape: tuple | None,
    filters: int,
    blocks: int,
    output_channels: int,
    dropout: float,
    data_format: str | None,
    upsampling: str,
    seed: int | None,
    name: str,
) -> keras.Model:
    """Two steps down, residual blocks, two steps up.

    Args:
        residual_block: Called as `residual_block(x, make, dropout, name)` with
            the tensor, the `LayerFactory`, the dropout rate and a prefix for the
            names of its layers; returns a tensor of the same shape.
        input_shape: See `resnet_generator`, as for all other arguments.

    Returns:
        A functional model.

    Raises:
        ValueError: If `filters`, `blocks` or `output_channels` is below 1, `dropout` is
            not in `[0, 1)`, or a given height or width is not divisible by 4.
    """
    check_at_least(1, filters=filters, blocks=blocks, output_channels=output_channels)
    check_rate(dropout=dropout)

    make = LayerFactory(data_format, seed, upsampling)
    input_shape = input_shape or make.default_input_shape()
    if any(size is not None and size % 4 for size in make.image_size(input_shape)):
        raise ValueError(
            "Height and width in `input_shape` must be divisible by 4. "
            f"Received: {input_shape}"
        )

    def norm_relu(x, name):
        return keras.layers.ReLU(name=f"{name}_relu")(make.instance_norm()(x))

    inputs = keras.Input(input_shape, name="images")
    x = make.reflection_padding(3)(inputs)
    x = norm_relu(make.conv(filters, 7, name="stem")(x), "stem")
    for step in (1, 2):
        x = make.zero_padding(1)(x)
        x = make.conv(filters * 2**step, 3, strides=2, name=f"down{step}")(x)
        x = norm_relu(x, f"down{step}")
    for block in range(1, blocks + 1):
        x = residual_block(x, make, dropout, f"block{block}")
    for step in (1, 2):
        x = make.upsampling_conv(filters * 2 ** (2 - step), name=f"up{step}")(x)
        x = norm_relu(x, f"up{step}")
    x = make.reflection_padding(3)(x)
    x = make.conv(output_channels, 7, name="head")(x)
    # Images stay float32 under mixed precision: losses compare them.
    outputs = keras.layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model(inputs, outputs, name=name)
