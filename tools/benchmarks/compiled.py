"""Functions compiled as a training step is, on each backend."""

from collections.abc import Callable

import keras

from crd_keras.backend import default_jit_compile


def value_and_gradient(function: Callable) -> Callable:
    """The compiled value and gradient of a function of two tensors to a scalar.

    The gradient is taken with respect to the second one. Both tensors are arguments
    of the compiled function: a constant would be computed with at compile time.
    """
    return _COMPILE[keras.backend.backend()](function)


def _tensorflow(function):
    import tensorflow as tf

    @tf.function(jit_compile=default_jit_compile())
    def compiled(x, y):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(y)
            value = function(x, y)
        return value, tape.gradient(value, y)

    return compiled


def _jax(function):
    import jax

    return jax.jit(jax.value_and_grad(function, argnums=1))


def _torch(function):
    import torch

    def eager(x, y):
        y = y.detach().requires_grad_()
        value = function(x, y)
        return value.detach(), torch.autograd.grad(value, y)[0]

    return eager


_COMPILE = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
