"""A copy of a generator in the form that is converted."""

from collections.abc import Collection, Mapping

import keras
import numpy as np

from crd_keras.export.doubling_convolutions import doubling_form
from crd_keras.export.inference_layers import (
    ExportedInstanceNormalization,
    FromPixels,
    SubpixelConv2D,
    ToPixels,
    ZeroMeanInstanceNormalization,
)
from crd_keras.export.subpixel_convolutions import with_subpixel_convolutions
from crd_keras.layers import InstanceNormalization, ReflectionPadding2D


def inference_graph(
    model: keras.Model,
    image_size: tuple[int, int] | None = None,
    batch_size: int | None = 1,
    pixels: str = "float",
    epsilons: Mapping[str, np.ndarray] | None = None,
    padding_layer: type[ReflectionPadding2D] = ReflectionPadding2D,
    norm_layer: type[ExportedInstanceNormalization] = ExportedInstanceNormalization,
    subpixel_layer: type[SubpixelConv2D] | None = None,
    doubling: bool = False,
    zero_means: Collection[str] = (),
) -> keras.Model:
    """Copies a generator for a converter.

    Layers become those of `crd_keras.export.inference_layers`, all numbers float32, and
    the input gets the shape that is asked for: where it is fixed, what a converter
    would compute of shapes at each call is known to it.

    Args:
        model: A functional model of images, channels last.
        image_size: `(height, width)`, or `None` for what the model takes.
        batch_size: Images at a time, or `None` for any number.
        pixels: `"float"` or `"uint8"`; see `export_model`.
        epsilons: Epsilons of instance norms by name of the layer, one for each channel,
            in place of those the layers have.
        padding_layer: What reflection paddings become: the form of them that the
            format has, or that is fast there.
        norm_layer: What instance norms become, likewise.
        subpixel_layer: What convolutions become that are faster so; see
            `with_subpixel_convolutions`. `None`: they stay.
        doubling: Whether transposed convolutions of few filters become plain ones; see
            `doubling_form`.
        zero_means: Names of instance norms that need not take the mean away.

    Returns:
        A functional model of the same weights, its input named `images`, its output
        `translated`.

    Raises:
        ValueError: If the model is not of that kind, or does not take `image_size`.
    """
    _check(model)
    epsilons = epsilons or {}

    def copy(layer):
        config = {**layer.get_config(), "dtype": "float32"}
        if isinstance(layer, InstanceNormalization):
            epsilon = epsilons.get(layer.name, layer.epsilon)
            if layer.name in zero_means:
                return ZeroMeanInstanceNormalization(epsilon, name=layer.name)
            return norm_layer(epsilon, name=layer.name)
        if isinstance(layer, ReflectionPadding2D):
            return padding_layer.from_config(config)
        form = doubling_form(layer, config) if doubling else None
        return form or type(layer).from_config(config)

    height, width, channels = model.input_shape[1:]
    wanted = image_size or (height, width)
    if any(
        own not in (None, new) for own, new in zip((height, width), wanted, strict=True)
    ):
        raise ValueError(
            "`image_size` must be the only one that the model takes, "
            f"{height}x{width}, or None. Received: {wanted[0]}x{wanted[1]}"
        )
    float_images = keras.Input((*wanted, channels), batch_size, name="images")
    network = keras.models.clone_model(
        model, input_tensors=float_images, clone_function=copy
    )
    if network.output_shape[1:3] != network.input_shape[1:3]:
        raise ValueError(
            "`image_size` must be such that the model's images come out as large as "
            f"they go in. Received: {wanted[0]}x{wanted[1]}, which becomes "
            f"{network.output_shape[1]}x{network.output_shape[2]}"
        )
    network.set_weights(model.get_weights())
    if subpixel_layer is not None:
        network = with_subpixel_convolutions(network, subpixel_layer)
        (float_images,) = network.inputs
    if pixels == "float":
        images, translated = float_images, network.outputs[0]
    else:
        images = keras.Input(
            (*wanted, channels), batch_size, dtype="uint8", name="images"
        )
        translated = ToPixels()(network(FromPixels()(images)))
    return keras.Model(images, translated, name=model.name)


def _check(model):
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):
        raise ValueError(
            "`model` must be a functional or sequential model. "
            f"Received: {type(model).__name__} {model.name}"
        )
    for layer in model.layers:
        if getattr(layer, "data_format", None) == "channels_first":
            raise ValueError(
                "`model` must have its channels last. "
                f"Received: channels_first in layer {layer.name}"
            )
    shapes = (model.input_shape, model.output_shape)
    if any(
        not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] is None
        for shape in shapes
    ):
        raise ValueError(
            "`model` must make images of images, (batch, height, width, channels) "
            f"both. Received: {shapes[0]} and {shapes[1]}"
        )
