"""Networks, as functional Keras models."""

from crd_keras.models.efficientnet_lite import efficientnet_lite_features
from crd_keras.models.fid_inception import fid_inception
from crd_keras.models.mobile_resnet import mobile_resnet_generator
from crd_keras.models.patchgan import patch_discriminator
from crd_keras.models.picture_record import (
    PictureRecord,
    read_picture_record,
    write_picture_record,
)
from crd_keras.models.resnet import resnet_generator
from crd_keras.models.unet import unet_generator
from crd_keras.models.vgg16 import vgg16_features

__all__ = [
    "PictureRecord",
    "efficientnet_lite_features",
    "fid_inception",
    "mobile_resnet_generator",
    "patch_discriminator",
    "read_picture_record",
    "resnet_generator",
    "unet_generator",
    "vgg16_features",
    "write_picture_record",
]
