"""Gradients and training steps on TensorFlow."""

import contextlib
import importlib.util

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

from crd_keras.backend.device_count import check_device_count


def value_and_grad(function, variables):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([v.value for v in variables])
        loss, auxiliary = function()
    gradients = tape.gradient(
        loss,
        [v.value for v in variables],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return (loss, auxiliary), gradients


def with_dependencies(tensors, inputs):
    with tf.control_dependencies([tf.group(tensors)]):
        return keras.tree.map_structure(tf.identity, inputs)


def apply_gradients(optimizer, gradients, variables):
    count = replica_count()
    if count > 1:
        # The optimizer adds up what the replicas have.
        gradients = [gradient / count for gradient in gradients]
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            gradients = _infinite_for_all(gradients)
    # An update must come after all reads of the variable in this step. The optimizer
    # passes all gradients through one `IdentityN`, across which TensorFlow's graph
    # optimizer sees paths from a read to updates that the gradients alone would not
    # make. It takes explicit edges for superfluous then, and later the `IdentityN`.
    gradients = with_dependencies(gradients, gradients)
    optimizer.apply(gradients, variables)


def _infinite_for_all(gradients):
    """The gradients, infinite if those of another replica are.

    `LossScaleOptimizer` looks at one replica and decides for all.
    """
    finite = [tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients]
    finite = tf.cast(tf.reduce_all(finite), "float32")
    replicas = tf.distribute.get_replica_context()
    all_finite = replicas.all_reduce(tf.distribute.ReduceOp.SUM, finite) >= float(
        replicas.num_replicas_in_sync
    )
    return [tf.where(all_finite, gradient, np.inf) for gradient in gradients]


def custom_gradient(function):
    return keras.ops.custom_gradient(function)


def no_gradient():
    # Tapes here watch given variables only, so that nothing else is recorded.
    return contextlib.nullcontext()


def replicate(tensor, count):
    # TensorFlow adds two gradients of a tensor, but three or more in the order in
    # which memory becomes free: last digits would differ from run to run, and a GAN
    # makes them grow. The gradient of `broadcast_to` is one sum over one tensor.
    shape = tf.concat([[count], tf.shape(tensor)], axis=0)
    copies = tf.broadcast_to(tensor[None], shape)
    return [tf.ensure_shape(copy, tensor.shape) for copy in tf.unstack(copies, count)]


def default_jit_compile():
    # On a CPU, XLA's convolutions take three times as long as TensorFlow's own.
    return bool(tf.config.list_physical_devices("GPU"))


def in_float64(function, *tensors):
    result = function(*(tf.cast(tensor, "float64") for tensor in tensors))
    return tf.cast(result, "float32")


def loop_block_size():
    return 4


def compiled(function):
    # XLA makes one pass of operations that TensorFlow's graph runs one by one.
    return tf.function(function, jit_compile=True)


def use_intra_op_threads(count):
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
    except RuntimeError:
        # The process has already computed: it goes on with the threads that it has.
        pass


def devices(count):
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    names = [device.name for device in tf.config.list_logical_devices(kind)]
    check_device_count(count, len(names))
    if count == 1:
        return contextlib.nullcontext()
    return tf.distribute.MirroredStrategy(names[:count]).scope()


def process_index():
    return 0  # Keras' `fit` does not run under strategies of several processes.


def process_count():
    return 1


def replica_count():
    replicas = tf.distribute.get_replica_context()
    return replicas.num_replicas_in_sync if replicas else 1


def gather_batch(tensor):
    if replica_count() == 1:
        return tensor
    return tf.distribute.get_replica_context().all_gather(tensor, axis=0)


def own_part(tensor):
    count = replica_count()
    if count == 1:
        return tensor
    index = tf.distribute.get_replica_context().replica_id_in_sync_group
    size = tf.shape(tensor)[0] // count
    return tensor[index * size : (index + 1) * size]


def mean_of_replicas(values):
    # Keras' metrics bring them together at the end of an epoch.
    return values


def undo_loss_scale(loss):
    # Keras divides the means that its losses take, so that they can be added up.
    return loss * replica_count()


def synchronize(variables):
    pass  # Updates reach all replicas.


def check_profile_viewer():
    if not any(map(importlib.util.find_spec, ("xprof", "tensorboard_plugin_profile"))):
        raise ImportError(
            "On TensorFlow a profile takes xprof to be looked at in TensorBoard: "
            "`pip install xprof`."
        )


def start_profile(directory):
    tf.profiler.experimental.start(str(directory))
    return tf.profiler.experimental.stop


@contextlib.contextmanager
def _unregistered_gradients():
    """Context in which to trace a step that nobody will differentiate.

    TensorFlow registers each custom gradient for as long as the process lives, also
    those that optimizers sum over replicas with. A gradient refers to its graph, so
    that the steps of all trainers would stay in memory, 70 MB each even of tiny
    networks. Only what differentiates a graph later looks them up. A later step may do
    so with a `tf.function` that a network calls, whose own gradients stay registered.
    """
    try:
        yield
    finally:
        if not tf.executing_eagerly():
            for op in tf.compat.v1.get_default_graph().get_operations():
                if op.type == "IdentityN":
                    name = op.node_def.attr["_gradient_op_type"].s.decode()
                    ops.gradient_registry._registry.pop(name, None)


class StepMixin:
    def building_scope(self):
        """Context in which variables of this model are made."""
        return self.distribute_strategy.scope()

    def training_scope(self):
        """Context in which `fit` runs."""
        return contextlib.nullcontext()

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # `fit` shows nowhere else what it takes its batches from.
        self.epoch_iterator = iterator
        # Under a strategy Keras reads a batch here, and with it begins a pass of the
        # data, also if there is nothing to build.
        if not self.built:
            super()._maybe_symbolic_build(iterator=iterator, data_batch=data_batch)

    def train_step(self, data):
        with _unregistered_gradients():
            return self.update(data)

    def test_step(self, data):
        with _unregistered_gradients():
            return self.batch_losses(data)

    def with_check(self, train_function, check):
        """A train function that lets a function look at its logs."""

        def checked(iterator):
            logs = train_function(iterator)
            check(logs)
            return logs

        return checked

    def forget_functions(self):
        """Has the next `fit` or `evaluate` trace its step anew."""
        self.train_function = None
        self.test_function = None
