"""pytorch-fid's Inception."""

import re
from collections.abc import Mapping
from typing import Any

import keras

from crd_keras.interop.architectures.architecture import Architecture, Shapes
from crd_keras.models.fid_inception import fid_inception

_LAYERS = (keras.layers.Conv2D, keras.layers.BatchNormalization)


class Inception(Architecture):
    """The Inception of December 2015 in the layout of pytorch-fid's published file.

    The Keras model is `fid_inception`, whose layers are named as in the file, with `-`
    in place of `.`.
    """

    name = "inception"
    layer_names = frozenset({"Conv2d_1a_3x3-conv", "Mixed_7c-branch_pool-conv"})
    # The classifier, which the features do not pass through. Its 1008 classes tell
    # that file from torchvision's, which has 1000 and other weights.
    optional = {"fc.weight": (1008, 2048), "fc.bias": (1008,)}

    def recognises(self, shapes: Shapes) -> bool:
        return "Conv2d_1a_3x3.conv.weight" in shapes

    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        return {}

    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        return fid_inception()

    def modules(self, model: keras.Model) -> list[tuple[str, keras.layers.Layer]]:
        layers = [layer for layer in model.layers if isinstance(layer, _LAYERS)]
        return sorted(
            ((layer.name.replace("-", "."), layer) for layer in layers),
            key=lambda module: _place(module[0]),
        )


def _place(name: str) -> tuple:
    """Sorts as in the file: branches within a block, the longer ones later."""
    module, _, part = name.rpartition(".")
    block, _, branch = module.partition(".")
    is_pool, is_long = "_pool" in branch, bool(re.search("dbl|7x7x3", branch))
    return block, is_pool, is_long, branch, part == "bn"
