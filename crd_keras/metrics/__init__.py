"""Distances between sets of images: how good a generator is, in one number."""

from crd_keras.metrics.image_set_metric import ImageSetMetric
from crd_keras.metrics.sliced_wasserstein import SlicedWasserstein

__all__ = ["ImageSetMetric", "SlicedWasserstein"]
