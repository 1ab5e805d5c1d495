"""Gradients and training steps on JAX.

JAX differentiates and compiles pure functions. Keras' `StatelessScope` makes one of
stateful code: reads and writes of variables go to a mapping instead.
"""

import contextlib
import functools
import os
import warnings

import jax
import jaxlib
import keras

from crd_keras.backend.device_count import check_device_count

# Of some products XLA in this release makes code that ends the process on a CPU, the
# relations of 128 rows among them (as in issues 39257 and 40412 of jax-ml/jax). The
# fusions that are at fault are left out. XLA reads its flags when the first computation
# begins, and an unknown one would end the process in other releases.
_NO_YNN_FUSION = "--xla_cpu_experimental_ynn_fusion_type="
if jaxlib.__version__ == "0.10.2" and _NO_YNN_FUSION not in os.environ.get(
    "XLA_FLAGS", ""
):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_NO_YNN_FUSION}"


def value_and_grad(function, variables):
    """To be called within the `StatelessScope` that `StepMixin` opens."""
    ids = [id(v) for v in variables]

    def pure(values):
        # Layers add losses to the scope that they are called in.
        with keras.StatelessScope(collect_losses=True) as scope:
            before = scope.original_scope.state_mapping
            scope.state_mapping = {**before, **dict(zip(ids, values, strict=True))}
            loss, auxiliary = function()
        # What the function wrote (moving statistics, seeds, metrics) leaves as a
        # result, or JAX's tracers would leak.
        written = {
            key: value
            for key, value in scope.state_mapping.items()
            if key not in ids and value is not before.get(key)
        }
        return loss, (auxiliary, written)

    values = [v.value for v in variables]
    (loss, (auxiliary, written)), gradients = jax.value_and_grad(pure, has_aux=True)(
        values
    )
    with keras.StatelessScope() as scope:
        scope.original_scope.state_mapping.update(written)
    return (loss, auxiliary), gradients


def with_dependencies(tensors, inputs):
    # XLA orders the operations of a step itself: a barrier changes neither time nor
    # memory.
    return inputs


def apply_gradients(optimizer, gradients, variables):
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer.apply(gradients, variables)
        return
    # Whether the step is taken is decided within the compiled step, by a branch that
    # writes variables: on JAX it has to be a pure function of all of them.
    trained = optimizer.inner_optimizer._trainable_variables
    gradient_of = {id(v): g for v, g in zip(variables, gradients, strict=True)}
    with warnings.catch_warnings():
        # Some discriminators may be left alone.
        warnings.filterwarnings("ignore", "Gradients do not exist for variables")
        new_trained, new_state = optimizer.stateless_apply(
            [v.value for v in optimizer.variables],
            [gradient_of.get(id(v)) for v in trained],
            [v.value for v in trained],
        )
    for v, value in zip(
        [*trained, *optimizer.variables], [*new_trained, *new_state], strict=True
    ):
        v.assign(value)


def custom_gradient(function):
    return keras.ops.custom_gradient(function)


def no_gradient():
    # JAX differentiates the function that `value_and_grad` is given and nothing else.
    return contextlib.nullcontext()


def replicate(tensor, count):
    return [tensor] * count


def use_intra_op_threads(count):
    """Nothing: XLA divides the threads by itself."""


def default_jit_compile():
    return True


def in_float64(function, *tensors):
    # Without this JAX has float32 in place of float64.
    with jax.enable_x64(True):
        result = function(*(tensor.astype("float64") for tensor in tensors))
        return result.astype("float32")


def loop_block_size():
    # On a CPU, XLA's sum over the matrices of a block takes ten times as long as all
    # else. With a single one there is no sum.
    return 1 if jax.default_backend() == "cpu" else 4


def compiled(function):
    return function


def devices(count):
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        if not jax.distributed.is_initialized():
            keras.distribution.initialize()
    names = keras.distribution.list_devices()
    check_device_count(count, len(names))
    if count == 1:
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(devices=names[:count]).scope()


def process_index():
    return jax.process_index()


def process_count():
    return jax.process_count()


def replica_count():
    # JAX compiles the step of the whole batch and divides the work itself.
    return 1


def gather_batch(tensor):
    return tensor


def own_part(tensor):
    return tensor


def mean_of_replicas(values):
    return values


def undo_loss_scale(loss):
    return loss


def synchronize(variables):
    pass  # One program computes them for all devices.


def check_profile_viewer():
    pass  # A browser opens the traces, at ui.perfetto.dev.


def start_profile(directory):
    jax.profiler.start_trace(str(directory))
    return jax.profiler.stop_trace


# What a step takes and gives back, by Keras' names.
_STATE = (
    "trainable_variables",
    "non_trainable_variables",
    "optimizer_variables",
    "metrics_variables",
)

_LOST = (
    "An error in the middle of a step has cost the trainer its variables, whose memory "
    "JAX had given to the step. Make a new trainer and load the last checkpoint into "
    "it."
)


class StepMixin:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._distribution = keras.distribution.distribution()

    def building_scope(self):
        """Context in which variables of this model are made."""
        return self.training_scope()

    @contextlib.contextmanager
    def training_scope(self):
        """Context in which `fit` runs: with the devices the model was made for."""
        before = keras.distribution.distribution()
        keras.distribution.set_distribution(self._distribution)
        try:
            yield
        finally:
            keras.distribution.set_distribution(before)

    def _symbolic_build(self, iterator=None, data_batch=None):
        # `fit` shows nowhere else what it takes its batches from.
        self.epoch_iterator = iterator
        super()._symbolic_build(iterator=iterator, data_batch=data_batch)

    def fit(self, *args, **kwargs):
        with self._whole_after_errors():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args, **kwargs):
        with self._whole_after_errors():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args, **kwargs):
        with self._whole_after_errors():
            return super().predict(*args, **kwargs)

    def train_on_batch(self, *args, **kwargs):
        with self._whole_after_errors():
            return super().train_on_batch(*args, **kwargs)

    @contextlib.contextmanager
    def _whole_after_errors(self):
        """Context after which the variables have values, whatever was raised.

        Keras takes the values off them while it trains.
        """
        was_lost = self._is_lost()
        try:
            yield
        except BaseException as error:
            if was_lost:
                raise RuntimeError(_LOST) from error
            self.jax_state_sync()
            if self._is_lost():
                error.add_note(_LOST)
            raise

    def _get_jax_state(self, **groups):
        state = super()._get_jax_state(**groups)
        # Keras brings back `_jax_state` in the end. Until the first step is done, that
        # would be nothing, or the state of an earlier epoch.
        names = [name for name in _STATE if groups.get(name)]
        self._jax_state = dict(zip(names, state, strict=True))
        return state

    def jax_state_sync(self):
        state = getattr(self, "_jax_state", None) or {}
        if not any(_is_gone(value) for values in state.values() for value in values):
            super().jax_state_sync()

    def _is_lost(self):
        optimizer = self.optimizer.variables if self.compiled else []
        variables = [*self.variables, *optimizer]
        return any(_is_gone(variable._value) for variable in variables)

    def with_check(self, train_function, check):
        """A train function that lets a function look at its logs."""

        def checked(state, iterator):
            logs, state = train_function(state, iterator)
            # The check may raise, and the state from before the step is gone.
            self._jax_state = dict(zip(_STATE, state, strict=True))
            check(logs)
            return logs, state

        return checked

    def train_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _stateless(self.update, groups, state, data)

    def test_step(self, state, data):
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _stateless(self.batch_losses, groups, state, data)

    def forget_functions(self):
        """Has the next `fit` or `evaluate` trace its step anew."""
        self.train_function = None
        self.test_function = None
        # `jax.jit` remembers traces by the function that it is given, and two bound
        # methods are equal: a new object makes it trace again.
        cls = type(self)
        vars(self)["train_step"] = functools.partial(cls.train_step, self)
        vars(self)["test_step"] = functools.partial(cls.test_step, self)


def _is_gone(value):
    """Whether a variable's value was taken off, or its memory given away."""
    return value is None or (isinstance(value, jax.Array) and value.is_deleted())


def _stateless(step, groups, state, data):
    mapping = [
        pair
        for variables, values in zip(groups, state, strict=True)
        for pair in zip(variables, values, strict=True)
    ]
    with keras.StatelessScope(mapping, collect_losses=True) as scope:
        logs = step(data)
    new_state = tuple(
        [scope.get_current_value(v) for v in variables] for variables in groups
    )
    return logs, new_state
