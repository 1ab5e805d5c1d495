"""The U-Net generator of Pix2Pix."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from crd_keras.interop.architectures.architecture import (
    Architecture,
    Shapes,
    kernel_shape,
    with_norms,
)
from crd_keras.models.unet import unet_generator


class UNet(Architecture):
    """`UnetGenerator` with batch normalisation.

    Each level is a module within that of the level outside it.
    """

    name = "unet"
    layer_names = frozenset({"down1", "up1", "images", "translated"})

    def recognises(self, shapes: Shapes) -> bool:
        return any(name.startswith(_level(0)) for name in shapes)

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        filters, input_channels = kernel_shape(shapes, f"{_level(0)}0.weight")[:2]
        bias = f"{_level(1)}1.bias"
        if bias in shapes:
            raise ValueError(
                "it must have batch normalisation, and seems to have instance "
                f"normalisation ({bias})"
            )
        downs = 1
        while any(name.startswith(_level(downs)) for name in shapes):
            downs += 1
        up = f"{_level(0)}{3 if downs > 1 else 2}.bias"
        return {
            "filters": filters,
            "downs": downs,
            "input_channels": input_channels,
            # Where it is missing, this is said with all that is missing.
            "output_channels": shapes.get(up, (3,))[0],
        }

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        return unet_generator(
            (None, None, settings["input_channels"]),
            filters=settings["filters"],
            downs=settings["downs"],
            output_channels=settings["output_channels"],
            data_format="channels_last",
        )

    def modules(self, model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
        return _modules(with_norms(model), 0)


def _level(level: int) -> str:
    """Where a level's modules are, the outermost being 0."""
    if level == 0:
        return "model.model."
    # The outermost has no activation and no norm before the next level.
    return "model.model.1.model." + "3.model." * (level - 1)


def _modules(layers, level):
    at = _level(level)
    down, down_norm = layers[f"down{level + 1}"]
    up, up_norm = layers[f"up{level + 1}"]
    place = 0 if level == 0 else 1
    yield f"{at}{place}", down
    if down_norm is not None:
        place += 1
        yield f"{at}{place}", down_norm
    if f"down{level + 2}" in layers:
        place += 1
        yield from _modules(layers, level + 1)
    # Between them a ReLU.
    yield f"{at}{place + 2}", up
    if up_norm is not None:
        yield f"{at}{place + 3}", up_norm
