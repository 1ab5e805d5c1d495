"""The mean absolute error of images against their targets."""

import numpy as np

from crd_keras.metrics.paired_metric import PairedMetric


class PairedMAE(PairedMetric):
    """Mean absolute error of images against their targets; 0 is best.

    In grey levels of 255, on images rounded to uint8, averaged over pixels and
    channels.

    Args:
        name: The metric's short name in logs and tables.
    """

    def __init__(self, name: str = "mae"):
        super().__init__(name)

    def scores(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        difference = images.astype("int16") - targets
        return np.abs(difference).mean(axis=(1, 2, 3))

    def measure_in_words(self) -> str:
        return "MAE in grey levels of 255"
