"""Teachers: their networks and their two losses."""

from crd_keras.gans.cycle_gan import CycleGAN
from crd_keras.gans.pix2pix import Pix2Pix
from crd_keras.gans.teacher import Teacher

__all__ = ["CycleGAN", "Pix2Pix", "Teacher"]
