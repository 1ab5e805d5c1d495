"""One step of an optimizer."""

from collections.abc import Callable
from typing import Any

import keras
from keras import KerasTensor

from crd_keras import backend


def minimize(
    loss_function: Callable[[], tuple[KerasTensor, Any]],
    variables: list[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
) -> tuple[KerasTensor, Any]:
    """Updates variables by the gradient of a loss.

    The gradient is taken of the loss as the optimizer scales it. Scaled gradients keep
    what float16 would round to zero; the optimizer divides by the scale again.

    Args:
        loss_function: Called without arguments, returns the loss, a scalar, and
            anything else.
        variables: The variables to update.
        optimizer: The optimizer that was built with them.

    Returns:
        The unscaled loss before the update, and what else the function returned.
    """

    def scaled():
        loss, auxiliary = loss_function()
        return optimizer.scale_loss(loss), (loss, auxiliary)

    (_, result), gradients = backend.value_and_grad(scaled, variables)
    backend.apply_gradients(optimizer, gradients, variables)
    return result
