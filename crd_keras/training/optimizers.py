"""One update of variables, and what its optimizer needs."""

from collections.abc import Callable, Iterable

import keras
from keras import ops

from crd_keras import backend


def trainable_variables(*layers: keras.layers.Layer) -> list[keras.Variable]:
    """The trainable variables of some layers or models, in their order."""
    return [variable for layer in layers for variable in layer.trainable_variables]


def with_loss_scale(
    optimizer: keras.optimizers.Optimizer, layers: Iterable[keras.layers.Layer]
) -> keras.optimizers.Optimizer:
    """The optimizer, scaling its loss if a layer computes in float16.

    Small gradients become zero in float16. `keras.optimizers.LossScaleOptimizer`
    multiplies the loss by a large number and divides the gradients by it again. If they
    become infinite it skips the step and halves the number. bfloat16 has the range of
    float32 and needs no scale.

    Args:
        optimizer: The optimizer. One that scales its loss already stays as it is.
        layers: All layers that the gradient of the loss passes through.
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    if all(layer.compute_dtype != "float16" for layer in layers):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def minimize(
    loss_functions: list[Callable[..., tuple]],
    inputs: tuple,
    variables: list[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
) -> list[tuple]:
    """Updates variables by the gradient of the sum of some losses.

    The gradients are taken one after the other. What one loss keeps for its gradient
    is freed before the next loss begins.

    Losses are scaled as the optimizer asks for, so that small gradients do not become
    zero in float16. The optimizer divides the gradients by the scale again.

    Args:
        loss_functions: Called with `inputs`, each returns a tuple of its loss, a
            scalar, and anything else.
        inputs: Tensors, and lists, tuples and dicts of tensors.
        variables: The variables to update.
        optimizer: The optimizer that was built with them.

    Returns:
        What each function returned, before the update, once the gradients are there.
    """
    results, gradients = [], None
    for function in loss_functions:
        if gradients is not None:
            inputs = backend.with_dependencies(gradients, inputs)

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
    # So that what waits for the results waits until the memory that the gradients
    # needed is free.
    return backend.with_dependencies(gradients, results)
