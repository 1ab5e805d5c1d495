"""Losses of teacher and student."""

from crd_keras.losses.adversarial import (
    AdversarialLoss,
    HingeLoss,
    LeastSquaresLoss,
    VanillaLoss,
)
from crd_keras.losses.channel_distillation import ChannelDistillation
from crd_keras.losses.content_relation import ContentRelationLoss
from crd_keras.losses.feature_loss import FeatureLoss
from crd_keras.losses.feature_mse import FeatureMSELoss
from crd_keras.losses.image_loss import ImageLoss
from crd_keras.losses.instance_relation import InstanceRelationLoss
from crd_keras.losses.keras_distillation import ImageDistillation
from crd_keras.losses.omgd import omgd_losses
from crd_keras.losses.perceptual import PerceptualLoss
from crd_keras.losses.pixel import PixelLoss
from crd_keras.losses.ssim import SSIMLoss
from crd_keras.losses.total_variation import TotalVariationLoss
from crd_keras.losses.wavelet import WaveletLoss

__all__ = [
    "AdversarialLoss",
    "ChannelDistillation",
    "ContentRelationLoss",
    "FeatureLoss",
    "FeatureMSELoss",
    "HingeLoss",
    "ImageDistillation",
    "ImageLoss",
    "InstanceRelationLoss",
    "LeastSquaresLoss",
    "PerceptualLoss",
    "PixelLoss",
    "SSIMLoss",
    "TotalVariationLoss",
    "VanillaLoss",
    "WaveletLoss",
    "omgd_losses",
]
