"""What differs between TensorFlow, JAX and PyTorch; nothing else names a backend.

Each backend's module has

- `value_and_grad(function, variables)`: value, auxiliary result and gradients of
  `function() -> (loss, auxiliary)` with respect to these Keras variables only;
- `apply_gradients(optimizer, gradients, variables)`: the optimizer's `apply`, also of
  one that leaves steps with infinite gradients out;
- `no_gradient()`: context in which nothing is kept for a gradient;
- `fan_out(tensor, count)`: a list of `count` tensors equal to `tensor`, for as many
  uses. Their gradients are added in a fixed order;
- `StepMixin`: `train_step` and `test_step` with the signatures that `fit` and
  `evaluate` expect, made from the model's stateful `update(data)` and
  `evaluation(data)`;
- `default_jit_compile()`: whether compiling the training step pays here;
- `compiled(function)`: a function of elementwise operations, compiled by itself where
  that pays and the step is not compiled as a whole;
- `loop_block_size()`: how many matrices a loop of such operations best takes at once.
"""

import importlib

import keras

_BACKENDS = ("tensorflow", "jax", "torch")

if keras.backend.backend() not in _BACKENDS:
    raise ImportError(
        f"KERAS_BACKEND must be one of {_BACKENDS} to train with crd_keras. "
        f"Received: {keras.backend.backend()}"
    )

_backend = importlib.import_module(f"{__name__}.{keras.backend.backend()}")

StepMixin = _backend.StepMixin
apply_gradients = _backend.apply_gradients
compiled = _backend.compiled
default_jit_compile = _backend.default_jit_compile
fan_out = _backend.fan_out
loop_block_size = _backend.loop_block_size
no_gradient = _backend.no_gradient
value_and_grad = _backend.value_and_grad

__all__ = [
    "StepMixin",
    "apply_gradients",
    "compiled",
    "default_jit_compile",
    "fan_out",
    "loop_block_size",
    "no_gradient",
    "value_and_grad",
]
