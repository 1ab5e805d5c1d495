"""Callbacks for `CRDTrainer.fit`."""

from crd_keras.callbacks.best_teacher import BestTeacher
from crd_keras.callbacks.image_grid import ImageGrid

__all__ = ["BestTeacher", "ImageGrid"]
