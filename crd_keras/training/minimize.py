"""One step of an optimizer."""

from collections.abc import Callable

import keras
from keras import ops

from crd_keras import backend


def minimize(
    loss_functions: list[Callable[..., tuple]],
    inputs: tuple,
    variables: list[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
) -> list[tuple]:
    """Updates variables by the gradient of the sum of some losses.

    The gradients are taken one after the other: what one loss keeps for its gradient
    is gone before the next begins.

    They are those of the losses as the optimizer scales them. Scaled gradients keep
    what float16 would round to zero; the optimizer divides by the scale again.

    Args:
        loss_functions: Called with `inputs`, each returns a tuple of its loss, a
            scalar, and anything else.
        inputs: Tensors, and lists, tuples and dicts of tensors.
        variables: The variables to update.
        optimizer: The optimizer that was built with them.

    Returns:
        What each function returned, before the update.
    """
    results, gradients = [], None
    for function in loss_functions:
        if gradients is not None:
            inputs = backend.after(gradients, inputs)

        def scaled(function=function, inputs=inputs):
            result = function(*inputs)
            return optimizer.scale_loss(result[0]), result

        (_, result), new = backend.value_and_grad(scaled, variables)
        results.append(result)
        if gradients is None:
            gradients = new
        else:
            gradients = [ops.add(a, b) for a, b in zip(gradients, new, strict=True)]
    backend.apply_gradients(optimizer, gradients, variables)
    return results
