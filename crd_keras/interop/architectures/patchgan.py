"""The PatchGAN discriminator."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from crd_keras.interop.architectures.architecture import (
    Architecture,
    Shapes,
    kernel_shape,
    with_norms,
)
from crd_keras.models.patchgan import patch_discriminator


class PatchGAN(Architecture):
    """`NLayerDiscriminator` with instance or batch normalisation."""

    name = "patchgan"
    layer_names = frozenset({"conv1", "scores"})

    def recognises(self, shapes: Shapes) -> bool:
        return "model.0.weight" in shapes and "model.2.weight" in shapes

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        filters, input_channels = kernel_shape(shapes, "model.0.weight")[:2]
        weights = [s for name, s in shapes.items() if name.endswith(".weight")]
        # The first and the last convolution are always there, and one more.
        layers = sum(len(shape) == 4 for shape in weights) - 2
        if layers < 1:
            raise ValueError(
                f"it must have at least 3 convolutions, and has {layers + 2}"
            )
        has_scale = any(len(shape) == 1 for shape in weights)
        return {
            "filters": filters,
            "layers": layers,
            "input_channels": input_channels,
            "norm": "batch" if has_scale else "instance",
        }

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        return patch_discriminator(
            (None, None, settings["input_channels"]),
            filters=settings["filters"],
            layers=settings["layers"],
            norm=settings["norm"],
            data_format="channels_last",
        )

    def modules(self, model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
        # After the first, each convolution is followed by a norm and an activation.
        places = [0, *range(2, 3 * len(model.layers), 3)]
        layers = with_norms(model).values()
        for place, (conv, norm) in zip(places, layers, strict=False):
            yield f"model.{place}", conv
            if norm is not None:
                yield f"model.{place + 1}", norm
