"""The mean of a loss over an epoch."""

import keras
from keras import ops


class LossTracker(keras.metrics.Mean):
    """A running mean that is NaN, not 0, as long as there is nothing to average."""

    def result(self):
        return ops.where(self.count > 0, super().result(), float("nan"))
