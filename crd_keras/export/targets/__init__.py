"""What runs TFLite files, and what its documentation says that it cannot run."""

from crd_keras.export.targets.check import TARGETS, check_tflite
from crd_keras.export.targets.finding import Finding

__all__ = ["TARGETS", "Finding", "check_tflite"]
