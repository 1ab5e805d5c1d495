"""Losses of teacher and student."""

from crd_keras.losses.adversarial import (
    AdversarialLoss,
    HingeLoss,
    LeastSquaresLoss,
    VanillaLoss,
)
from crd_keras.losses.content_relation import ContentRelationLoss
from crd_keras.losses.image_loss import ImageLoss
from crd_keras.losses.perceptual import PerceptualLoss

__all__ = [
    "AdversarialLoss",
    "ContentRelationLoss",
    "HingeLoss",
    "ImageLoss",
    "LeastSquaresLoss",
    "PerceptualLoss",
    "VanillaLoss",
]
