"""Callbacks for `CRDTrainer.fit`."""

from crd_keras.callbacks.best_teacher import BestTeacher
from crd_keras.callbacks.image_grid import ImageGrid
from crd_keras.callbacks.progress import Progress
from crd_keras.callbacks.stop_after import StopAfter

__all__ = ["BestTeacher", "ImageGrid", "Progress", "StopAfter"]
