"""Callbacks for `CRDTrainer.fit`."""

from crd_keras.callbacks.best_student import BestStudent
from crd_keras.callbacks.best_teacher import BestTeacher
from crd_keras.callbacks.checkpoint import Checkpoint
from crd_keras.callbacks.csv_logger import CSVLogger
from crd_keras.callbacks.evaluation import Evaluation
from crd_keras.callbacks.image_grid import ImageGrid
from crd_keras.callbacks.profile import Profile
from crd_keras.callbacks.progress import Progress
from crd_keras.callbacks.stop_after import StopAfter
from crd_keras.callbacks.tensorboard import TensorBoard
from crd_keras.callbacks.terminate_on_non_finite import TerminateOnNonFinite

__all__ = [
    "BestStudent",
    "BestTeacher",
    "CSVLogger",
    "Checkpoint",
    "Evaluation",
    "ImageGrid",
    "Profile",
    "Progress",
    "StopAfter",
    "TensorBoard",
    "TerminateOnNonFinite",
]
