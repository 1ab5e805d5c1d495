"""What differs between TensorFlow, JAX and PyTorch; nothing else names a backend.

`name` is the name of the active backend and `version` its version. Each backend's
module has

- `value_and_grad(function, variables)`: value, auxiliary result and gradients of
  `function() -> (loss, auxiliary)` with respect to these Keras variables only;
- `with_dependencies(tensors, inputs)`: the structure `inputs` of tensors, which are
  available only after those of the list `tensors` have been computed;
- `apply_gradients(optimizer, gradients, variables)`: the optimizer's `apply`, also of
  one that leaves steps with infinite gradients out;
- `in_float64(function, *tensors)`: the result of a function of tensors, computed in
  float64, as float32. Gradients do not pass;
- `custom_gradient(function)`: a function of tensors with a gradient written by hand.
  `function(*tensors)` returns the result, one tensor, and a function of the result's
  gradient that returns those of the tensors;
- `no_gradient()`: context in which nothing is kept for a gradient;
- `replicate(tensor, count)`: a list of `count` tensors equal to `tensor`, one for each
  use. Their gradients are added in a fixed order;
- `devices(count)`: context in which to make a trainer that trains on so many devices;
- `process_index()`: which of several processes that train together this one is, from 0;
- `process_count()`: how many they are;
- `replica_count()`: how many copies of the step run side by side, each with its part
  of the batch, whose gradients are averaged. Within the step only;
- `gather_batch(tensor)`: the batch of all of them; `own_part(tensor)`: the opposite;
- `mean_of_replicas(values)`: dict of scalars to their means, where metrics need it;
- `undo_loss_scale(loss)`: the mean that a Keras loss takes over a replica's batch;
- `synchronize(variables)`: sets them to what they are on the first of all processes;
- `check_profile_viewer()`: raises an `ImportError` if nothing here opens profiles;
- `start_profile(directory)`: profiles until the function that it returns is called;
- `StepMixin`: `building_scope` and `training_scope`, contexts in which variables are
  made and `fit` runs; `train_step` and `test_step` with the signatures that `fit` and
  `evaluate` expect, made from the model's stateful `update(data)` and
  `batch_losses(data)`; `epoch_iterator`, what a running `fit` takes its batches from;
  `with_check(train_function, check)`, a train function that shows its logs to
  `check` after each step;
- `default_jit_compile()`: whether compiling the training step pays here;
- `use_intra_op_threads(count)`: how many threads share one operation, where others run
  beside it: on TensorFlow;
- `compiled(function)`: a function of elementwise operations, compiled by itself where
  that pays and the step is not compiled as a whole;
- `loop_block_size()`: how many matrices a loop of such operations best takes at once.
"""

import importlib
import importlib.util

_BACKENDS = ("tensorflow", "jax", "torch")

try:
    import keras
except ModuleNotFoundError as error:
    if error.name not in _BACKENDS:
        raise
    installed = [x for x in _BACKENDS if importlib.util.find_spec(x)]
    choice = " or ".join(installed) or 'none yet: `pip install "crd_keras[torch]"`'
    raise ImportError(
        "KERAS_BACKEND must name an installed backend, which is tensorflow by default. "
        f"Installed: {choice}. Received: {error.name}"
    ) from error

if keras.backend.backend() not in _BACKENDS:
    raise ImportError(
        f"KERAS_BACKEND must be one of {_BACKENDS} to train with crd_keras. "
        f"Received: {keras.backend.backend()}"
    )

_backend = importlib.import_module(f"{__name__}.{keras.backend.backend()}")

# For records of what was used.
name = keras.backend.backend()
version = importlib.import_module(name).__version__

StepMixin = _backend.StepMixin
apply_gradients = _backend.apply_gradients
check_profile_viewer = _backend.check_profile_viewer
compiled = _backend.compiled
custom_gradient = _backend.custom_gradient
default_jit_compile = _backend.default_jit_compile
devices = _backend.devices
gather_batch = _backend.gather_batch
in_float64 = _backend.in_float64
loop_block_size = _backend.loop_block_size
mean_of_replicas = _backend.mean_of_replicas
no_gradient = _backend.no_gradient
own_part = _backend.own_part
process_count = _backend.process_count
process_index = _backend.process_index
replica_count = _backend.replica_count
replicate = _backend.replicate
start_profile = _backend.start_profile
synchronize = _backend.synchronize
undo_loss_scale = _backend.undo_loss_scale
use_intra_op_threads = _backend.use_intra_op_threads
value_and_grad = _backend.value_and_grad
with_dependencies = _backend.with_dependencies

__all__ = [
    "StepMixin",
    "apply_gradients",
    "check_profile_viewer",
    "compiled",
    "custom_gradient",
    "default_jit_compile",
    "devices",
    "gather_batch",
    "in_float64",
    "loop_block_size",
    "mean_of_replicas",
    "name",
    "no_gradient",
    "own_part",
    "process_count",
    "process_index",
    "replica_count",
    "replicate",
    "start_profile",
    "synchronize",
    "undo_loss_scale",
    "use_intra_op_threads",
    "value_and_grad",
    "version",
    "with_dependencies",
]
