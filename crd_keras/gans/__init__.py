"""Teachers: their networks and their two losses, or what stands for them."""

from crd_keras.gans.cycle_gan import CycleGAN
from crd_keras.gans.fixed import FixedTeacher
from crd_keras.gans.pix2pix import Pix2Pix
from crd_keras.gans.stored import StoredTeacher
from crd_keras.gans.teacher import Teacher

__all__ = ["CycleGAN", "FixedTeacher", "Pix2Pix", "StoredTeacher", "Teacher"]
