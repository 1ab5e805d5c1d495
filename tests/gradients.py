"""Value and gradient of a function of one array, on whichever backend runs."""

from collections.abc import Callable

import keras
import numpy as np

from crd_keras.backend import StepMixin, default_jit_compile, value_and_grad


def value_and_gradient(function: Callable, x: np.ndarray) -> tuple[float, np.ndarray]:
    """Value and gradient at `x` of a function of one tensor to a scalar.

    The function runs in a compiled training step, as losses do when they are used.
    """
    step = _GradientStep(function, x)
    # The optimizer, which `compile` wants, is not applied.
    step.compile(optimizer="sgd", jit_compile=default_jit_compile())
    value = step.train_on_batch(np.zeros((1, 1)), return_dict=True)["value"]
    return float(value), keras.ops.convert_to_numpy(step.gradient)


class _GradientStep(StepMixin, keras.Model):
    def __init__(self, function, x):
        super().__init__()
        self.function = function
        self.x = self.add_weight(shape=x.shape, initializer="zeros")
        self.x.assign(x)
        self.gradient = self.add_weight(shape=x.shape, trainable=False)
        self.built = True

    def update(self, data):
        (value, _), (gradient,) = value_and_grad(
            lambda: (self.function(self.x.value), None), [self.x]
        )
        self.gradient.assign(gradient)
        return {"value": value}
