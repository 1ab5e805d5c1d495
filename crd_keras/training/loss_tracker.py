"""The running mean of a loss."""

import keras
from keras import KerasTensor, ops


class LossTracker(keras.metrics.Mean):
    """A running mean that is NaN, not 0, as long as there is nothing to average."""

    def result(self) -> KerasTensor:
        return ops.where(self.count > 0, super().result(), float("nan"))
