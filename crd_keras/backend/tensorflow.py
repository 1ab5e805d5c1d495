"""Gradients and training steps on TensorFlow."""

import contextlib

import tensorflow as tf


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


def apply_gradients(optimizer, gradients, variables):
    optimizer.apply(gradients, variables)


def no_gradient():
    # Tapes here watch given variables only, so that nothing else is recorded.
    return contextlib.nullcontext()


def fan_out(tensor, count):
    # TensorFlow adds two gradients of a tensor, but three or more in the order in
    # which memory becomes free: last digits would differ from run to run, and a GAN
    # makes them grow. The gradient of `broadcast_to` is one sum over one tensor.
    shape = tf.concat([[count], tf.shape(tensor)], axis=0)
    copies = tf.broadcast_to(tensor[None], shape)
    return [tf.ensure_shape(copy, tensor.shape) for copy in tf.unstack(copies, count)]


def default_jit_compile():
    # On a CPU, XLA's convolutions take three times as long as TensorFlow's own.
    return bool(tf.config.list_physical_devices("GPU"))


def loop_block_size():
    return 4


def compiled(function):
    # XLA makes one pass of operations that TensorFlow's graph runs one by one.
    return tf.function(function, jit_compile=True)


class StepMixin:
    def train_step(self, data):
        return self.update(data)

    def test_step(self, data):
        return self.evaluation(data)

    def forget_functions(self):
        """Has the next `fit` or `evaluate` trace its step anew."""
        self.train_function = None
        self.test_function = None
