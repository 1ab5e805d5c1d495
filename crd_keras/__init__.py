"""Content-relationship distillation of image-to-image GANs on Keras 3."""

# The backend first: where it is not installed, it says what to do.
from crd_keras import backend as backend
from crd_keras import (
    callbacks,
    complexity,
    data,
    export,
    gans,
    interop,
    losses,
    metrics,
    models,
    schedules,
)
from crd_keras.inference import translate
from crd_keras.training.devices import use_devices
from crd_keras.training.student import Student
from crd_keras.training.trainer import CRDTrainer

__version__ = "0.1.0"

__all__ = [
    "CRDTrainer",
    "Student",
    "callbacks",
    "complexity",
    "data",
    "export",
    "gans",
    "interop",
    "losses",
    "metrics",
    "models",
    "schedules",
    "translate",
    "use_devices",
]
