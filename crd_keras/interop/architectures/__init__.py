"""The kinds of PyTorch networks that can be read and written, one a file."""

from collections.abc import Mapping

import keras

from crd_keras.interop.architectures.architecture import Kind
from crd_keras.interop.architectures.inception import Inception
from crd_keras.interop.architectures.patchgan import PatchGAN
from crd_keras.interop.architectures.resnet import MobileResNet, ResNet
from crd_keras.interop.architectures.unet import UNet
from crd_keras.interop.architectures.vgg16 import VGG16

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (ResNet(), MobileResNet(), UNet(), PatchGAN(), VGG16(), Inception())
}


def kind_of_state(shapes: Mapping[str, tuple[int, ...]]) -> Kind | None:
    """The kind that a state dict seems to be of, from its names, or `None`."""
    return next((k for k in KINDS.values() if k.recognises(shapes)), None)


def kind_of_model(model: keras.Model) -> Kind | None:
    """The kind of a Keras model that this package has built, or `None`."""
    names = {layer.name for layer in model.layers}
    return next((k for k in KINDS.values() if k.layer_names <= names), None)


__all__ = ["KINDS", "Kind", "kind_of_model", "kind_of_state"]
