"""The ResNet generators: of CycleGAN, and the mobile one of GAN compression."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from crd_keras.interop.architectures.architecture import (
    Architecture,
    Shapes,
    kernel_shape,
)
from crd_keras.models.mobile_resnet import mobile_resnet_generator
from crd_keras.models.resnet import resnet_generator

# Where the residual blocks begin in PyTorch's `nn.Sequential`.
_FIRST_BLOCK = 10
_IN_A_BLOCK = re.compile(r"model\.(\d+)\.conv_block\.")

# What the published networks use where they use dropout.
_DROPOUT = 0.5


class ResNet(Architecture):
    """`ResnetGenerator` with instance normalisation.

    A dropout layer in the residual blocks has no weights, but moves the second
    convolution from place 5 to place 6.
    """

    name = "resnet"
    layer_names = frozenset({"stem", "block1_conv1", "head"})

    def recognises(self, shapes: Shapes) -> bool:
        return f"model.{_FIRST_BLOCK}.conv_block.1.weight" in shapes

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        filters, input_channels = kernel_shape(shapes, "model.1.weight")[:2]
        if "model.2.weight" in shapes:
            raise ValueError(
                "it must have instance normalisation without scale and offset, and has "
                "another one (model.2.weight)"
            )
        blocks = len({m[1] for m in map(_IN_A_BLOCK.match, shapes) if m})
        head = f"model.{_FIRST_BLOCK + blocks + 7}.weight"
        return {
            "filters": filters,
            "blocks": blocks,
            "input_channels": input_channels,
            # Where it is missing, this is said with all that is missing.
            "output_channels": shapes.get(head, (3,))[0],
        }

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        second = f"model.{_FIRST_BLOCK}.conv_block.6.weight"
        return _build(resnet_generator, settings, _DROPOUT if second in shapes else 0.0)

    def modules(self, model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
        dropout = any(isinstance(x, keras.layers.Dropout) for x in model.layers)
        second = 6 if dropout else 5
        return _modules(model, {"1": "conv1", str(second): "conv2"})


class MobileResNet(Architecture):
    """`MobileResnetGenerator` with instance normalisation.

    Its residual blocks have a dropout layer, whose rate is mostly 0.
    """

    name = "mobile_resnet"
    layer_names = frozenset({"stem", "block1_1_depthwise", "head"})

    def recognises(self, shapes: Shapes) -> bool:
        return f"model.{_FIRST_BLOCK}.conv_block.1.conv.0.weight" in shapes

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        return ResNet().settings(shapes)

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        return _build(mobile_resnet_generator, settings, dropout=0.0)

    def modules(self, model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
        return _modules(
            model,
            {
                "1.conv.0": "1_depthwise",
                "1.conv.2": "1_pointwise",
                "6.conv.0": "2_depthwise",
                "6.conv.2": "2_pointwise",
            },
        )


def _build(builder, settings, dropout):
    return builder(
        (None, None, settings["input_channels"]),
        filters=settings["filters"],
        blocks=settings["blocks"],
        output_channels=settings["output_channels"],
        dropout=dropout,
        data_format="channels_last",
    )


def _modules(model, in_a_block):
    """`in_a_block`: Keras' names in a residual block by PyTorch's."""
    get = model.get_layer
    yield "model.1", get("stem")
    yield "model.4", get("down1")
    yield "model.7", get("down2")
    names = {layer.name for layer in model.layers}
    place, block = _FIRST_BLOCK, 1
    while f"block{block}" in names:
        for module, name in in_a_block.items():
            yield f"model.{place}.conv_block.{module}", get(f"block{block}_{name}")
        place, block = place + 1, block + 1
    yield f"model.{place}", get("up1")
    yield f"model.{place + 3}", get("up2")
    yield f"model.{place + 7}", get("head")
