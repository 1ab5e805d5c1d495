"""The architectures of PyTorch networks that can be read and written, one a file."""

from collections.abc import Mapping

import keras

from crd_keras.interop.architectures.architecture import Architecture
from crd_keras.interop.architectures.inception import Inception
from crd_keras.interop.architectures.patchgan import PatchGAN
from crd_keras.interop.architectures.resnet import MobileResNet, ResNet
from crd_keras.interop.architectures.unet import UNet
from crd_keras.interop.architectures.vgg16 import VGG16

ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        ResNet(),
        MobileResNet(),
        UNet(),
        PatchGAN(),
        VGG16(),
        Inception(),
    )
}


def architecture_of_state(shapes: Mapping[str, tuple[int, ...]]) -> Architecture | None:
    """The architecture that a state dict seems to be of, from its names, or `None`."""
    return next((a for a in ARCHITECTURES.values() if a.recognises(shapes)), None)


def architecture_of_model(model: keras.Model) -> Architecture | None:
    """The architecture of a Keras model that this package has built, or `None`."""
    names = {layer.name for layer in model.layers}
    return next((a for a in ARCHITECTURES.values() if a.layer_names <= names), None)


__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "architecture_of_model",
    "architecture_of_state",
]
