"""How good generated images are, in one number."""

from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.metrics.image_set_metric import ImageSetMetric
from crd_keras.metrics.sliced_wasserstein import SlicedWasserstein
from crd_keras.metrics.twin_score import TwinScore, twin_score

__all__ = [
    "ImageMetric",
    "ImageSetMetric",
    "SlicedWasserstein",
    "TwinScore",
    "twin_score",
]
