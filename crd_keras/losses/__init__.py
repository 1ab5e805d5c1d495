"""Losses of teacher and student."""

from crd_keras.losses.adversarial import AdversarialLoss as AdversarialLoss
from crd_keras.losses.adversarial import HingeLoss as HingeLoss
from crd_keras.losses.adversarial import LeastSquaresLoss as LeastSquaresLoss
from crd_keras.losses.adversarial import VanillaLoss as VanillaLoss
from crd_keras.losses.content_relation import (
    ContentRelationLoss as ContentRelationLoss,
)
from crd_keras.losses.image_loss import ImageLoss as ImageLoss
from crd_keras.losses.perceptual import PerceptualLoss as PerceptualLoss
