"""The project's convolutions are Keras' own, value and gradients."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from crd_keras import convolutions
from crd_keras.backend import value_and_grad

CASES = [
    ("Conv2D", {"kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("Conv2D", {"kernel_size": (4, 3), "padding": "same", "strides": 2}),
    ("Conv2D", {"kernel_size": 2, "padding": "same", "dilation_rate": 3}),
    ("Conv2D", {"kernel_size": (1, 2), "use_bias": False, "groups": 2}),
    ("Conv2D", {"kernel_size": 3, "data_format": "channels_first"}),
    ("DepthwiseConv2D", {"kernel_size": 4, "strides": 2, "depth_multiplier": 2}),
    ("DepthwiseConv2D", {"kernel_size": 3, "data_format": "channels_first"}),
]


def result_and_gradients(layer, x):
    """The layer's output, and slopes of a function of it by its weights and input."""
    inputs = keras.Variable(x)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])

    def loss():
        output = layer(inputs)
        weight = np.cos(np.arange(np.prod(output.shape))).reshape(output.shape)
        return ops.sum(output * ops.cast(weight, "float32")), output

    # As the training step has one on JAX.
    on_jax = keras.backend.backend() == "jax"
    with keras.StatelessScope() if on_jax else contextlib.nullcontext():
        (_, output), gradients = value_and_grad(loss, [inputs, *layer.weights])
    return [ops.convert_to_numpy(ops.stop_gradient(a)) for a in (output, *gradients)]


@pytest.mark.parametrize("name, arguments", CASES)
def test_as_keras(name, arguments):
    if name == "Conv2D":
        arguments = {"filters": 4, **arguments}
    x = np.random.default_rng(0).normal(size=(2, 7, 8, 4)).astype("float32")
    if "data_format" in arguments:
        x = x.transpose(0, 3, 1, 2).copy()
    ours, theirs = (
        result_and_gradients(getattr(module, name)(**arguments), x)
        for module in (convolutions, keras.layers)
    )
    for received, expected in zip(ours, theirs, strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(received, expected, atol=1e-4)
