"""Distances between sets of images: how good a generator is, in one number."""

from crd_keras.metrics.image_set_metric import ImageSetMetric
from crd_keras.metrics.sliced_wasserstein import SlicedWasserstein
from crd_keras.metrics.twin_score import TwinScore, twin_score

__all__ = ["ImageSetMetric", "SlicedWasserstein", "TwinScore", "twin_score"]
