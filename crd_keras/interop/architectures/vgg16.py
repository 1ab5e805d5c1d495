"""torchvision's VGG-16."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from crd_keras.interop.architectures.architecture import Architecture, Shapes

# Convolutions of each block.
_BLOCKS = (2, 2, 3, 3, 3)


class VGG16(Architecture):
    """The convolutions of `torchvision.models.vgg16`, without batch normalisation.

    The Keras model is `keras.applications.VGG16(include_top=False)`, for
    `vgg16_features(path, layout="torchvision")`: torchvision's weights want other
    images than Keras' own.
    """

    name = "vgg16"
    layer_names = frozenset({"block1_conv1", "block5_conv3", "block5_pool"})
    optional = {
        "classifier.0.weight": (4096, 25088),
        "classifier.0.bias": (4096,),
        "classifier.3.weight": (4096, 4096),
        "classifier.3.bias": (4096,),
        "classifier.6.weight": (1000, 4096),
        "classifier.6.bias": (1000,),
    }

    def recognises(self, shapes: Shapes) -> bool:
        return "features.0.weight" in shapes and "features.28.weight" in shapes

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        return {}

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        return keras.applications.VGG16(include_top=False, weights=None)

    def modules(self, model: keras.Model) -> Iterator[tuple[str, keras.layers.Layer]]:
        place = 0
        for block, convolutions in enumerate(_BLOCKS, start=1):
            for conv in range(1, convolutions + 1):
                yield (
                    f"features.{place}",
                    model.get_layer(f"block{block}_conv{conv}"),
                )
                place += 2  # with its ReLU
            place += 1  # the pooling
