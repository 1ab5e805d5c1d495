"""The layers: their numbers, their gradients, and the sizes that they refuse."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from crd_keras import layers
from crd_keras.backend import value_and_grad
from crd_keras.layers import (
    Cropping2D,
    DivisibleSize,
    InstanceNormalization,
    ReflectionPadding2D,
)
from tests.gradients import value_and_gradient


def images(shape=(2, 5, 7, 3), scale=1.0, offset=0.0):
    values = np.random.default_rng(0).normal(size=shape)
    return (scale * values + offset).astype("float32")


def run(layer, x):
    return keras.ops.convert_to_numpy(layer(x))


@pytest.mark.parametrize("padding", [1, 3])
def test_reflection_padding(padding):
    x = images()
    widths = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    expected = np.pad(x, widths, mode="reflect")
    np.testing.assert_array_equal(run(ReflectionPadding2D(padding), x), expected)
    first = ReflectionPadding2D(padding, data_format="channels_first")
    result = run(first, x.transpose(0, 3, 1, 2).copy())
    np.testing.assert_array_equal(result.transpose(0, 2, 3, 1), expected)


def test_reflection_padding_shapes():
    layer = ReflectionPadding2D(3)
    assert layer.compute_output_shape((None, None, 8, 3)) == (None, None, 14, 3)
    first = ReflectionPadding2D(3, data_format="channels_first")
    assert first.compute_output_shape((2, 3, 8, None)) == (2, 3, 14, None)


def test_reflection_padding_refuses_small_images():
    with pytest.raises(ValueError, match="3x8 are too small.*Received: padding=3"):
        ReflectionPadding2D(3)(images((1, 3, 8, 3)))
    with pytest.raises(ValueError, match="3x8 are too small.*Received: padding=3"):
        ReflectionPadding2D(3)(keras.Input((3, 8, 3)))


def test_reflection_padding_refuses_less_than_one_pixel():
    with pytest.raises(ValueError, match="`padding` must be.*Received: 0"):
        ReflectionPadding2D(0)


@pytest.mark.parametrize("padding, size", [(1, (5, 7)), (1, (2, 9)), (3, (8, 11))])
def test_gradient_of_reflection_padding(padding, size):
    """Each pixel's gradient is the sum of those of its mirror images."""
    shape = (2, *size, 3)
    widths = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    sources = np.pad(np.arange(np.prod(shape)).reshape(shape), widths, mode="reflect")
    weights = images(sources.shape)
    expected = np.zeros(np.prod(shape))
    np.add.at(expected, sources.ravel(), weights.ravel())
    layer = ReflectionPadding2D(padding)
    _, gradient = value_and_gradient(
        lambda x: keras.ops.sum(layer(x) * keras.ops.convert_to_tensor(weights)),
        images(shape),
    )
    np.testing.assert_allclose(gradient, expected.reshape(shape), atol=1e-5)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_cropping(data_format):
    x = images((2, 6, 7, 5))
    area = np.zeros(x.shape, "float32")
    if data_format == "channels_last":
        area[:, 1:, 2:-1] = 1
    else:
        area[:, :, 1:, 2:-1] = 1
    layer = Cropping2D(((1, 0), (2, 1)), data_format=data_format)
    keras_layer = keras.layers.Cropping2D(((1, 0), (2, 1)), data_format=data_format)
    np.testing.assert_array_equal(run(layer, x), run(keras_layer, x))
    _, gradient = value_and_gradient(lambda x: keras.ops.sum(layer(x)), x)
    np.testing.assert_array_equal(gradient, area)
    inputs = keras.Input(x.shape[1:])
    assert layer(inputs).shape == keras_layer(inputs).shape


# The last case: a mean far above the deviation, where E[x^2] - E[x]^2 fails.
@pytest.mark.parametrize("scale, offset", [(1, 0), (1e-3, 0), (1, 1000)])
def test_instance_normalization(scale, offset):
    x = images((2, 16, 12, 3), scale, offset)
    y = x.astype("float64")
    mean = y.mean(axis=(1, 2), keepdims=True)
    variance = y.var(axis=(1, 2), keepdims=True)
    expected = (y - mean) / np.sqrt(variance + 1e-5)
    tolerance = 1e-5 if offset == 0 else 1e-3
    np.testing.assert_allclose(
        run(InstanceNormalization(), x), expected, atol=tolerance
    )
    first = InstanceNormalization(data_format="channels_first")
    result = run(first, x.transpose(0, 3, 1, 2).copy()).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(result, expected, atol=tolerance)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_gradient_of_instance_normalization(data_format):
    x = images((2, 4, 5, 3))
    layer = InstanceNormalization(data_format=data_format)
    axes = (1, 2) if data_format == "channels_last" else (2, 3)

    def function(y):
        return (y**3).sum()

    def normalize(z):
        variance = z.var(axis=axes, keepdims=True)
        return (z - z.mean(axis=axes, keepdims=True)) / np.sqrt(variance + 1e-5)

    _, gradient = value_and_gradient(lambda z: keras.ops.sum(layer(z) ** 3), x)
    expected, step = np.empty(x.shape), 1e-6
    for place in np.ndindex(x.shape):
        moved = np.zeros(x.shape)
        moved[place] = step
        ends = (function(normalize(x + sign * moved)) for sign in (1, -1))
        expected[place] = np.subtract(*ends) / (2 * step)
    np.testing.assert_allclose(gradient, expected, atol=1e-4)


def test_instance_normalization_of_a_nearly_flat_image():
    # One float32 step at 20.7 is 6e-4 after division by sqrt(epsilon).
    x = np.full((1, 64, 64, 3), 20.7, "float32")
    np.testing.assert_allclose(run(InstanceNormalization(), x), 0.0, atol=6e-3)
    x[0, 0, 0] += 0.01
    y = x[..., :1].astype("float64")
    expected = np.broadcast_to((y - y.mean()) / np.sqrt(y.var() + 1e-5), x.shape)
    np.testing.assert_allclose(run(InstanceNormalization(), x), expected, atol=6e-3)


def test_instance_normalization_equals_group_normalization():
    x = images()
    group = keras.layers.GroupNormalization(-1, epsilon=1e-5, center=False, scale=False)
    expected = run(group, x)
    np.testing.assert_allclose(run(InstanceNormalization(), x), expected, atol=1e-5)


def test_instance_normalization_takes_float16_statistics_in_float32():
    # Their squares are beyond float16's 65504.
    x = images(scale=1000).astype("float16")
    result = run(InstanceNormalization(dtype="float16"), x)
    assert result.dtype == np.float16
    expected = run(InstanceNormalization(), x.astype("float32"))
    np.testing.assert_allclose(result, expected, atol=2e-3)


@pytest.mark.parametrize(
    "layer",
    [
        ReflectionPadding2D(2, data_format="channels_first", name="pad"),
        Cropping2D(2, data_format="channels_first", name="crop"),
        InstanceNormalization(epsilon=1e-3, data_format="channels_first", name="norm"),
    ],
    ids=lambda layer: layer.name,
)
def test_serialisation(layer):
    config = keras.saving.serialize_keras_object(layer)
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == layer.get_config()
    x = images((2, 3, 8, 8))
    np.testing.assert_array_equal(run(copy, x), run(layer, x))


def test_divisible_size():
    x = images((2, 8, 12, 3))
    np.testing.assert_array_equal(run(DivisibleSize(4), x), x)
    first = DivisibleSize(4, data_format="channels_first")
    assert first.compute_output_shape((None, 3, None, 8)) == (None, 3, None, 8)
    for layer, shape in (
        (DivisibleSize(8), (2, 8, 12, 3)),
        (DivisibleSize(8, data_format="channels_first"), (2, 3, 8, 12)),
    ):
        with pytest.raises(ValueError, match="divisible by 8. *Received: 8x12"):
            run(layer, images(shape))
        with pytest.raises(ValueError, match="divisible by 8. *Received: 8x12"):
            layer.compute_output_shape(shape)
    with pytest.raises(ValueError, match="`divisor` must .*Received: 0"):
        DivisibleSize(0)


CONVOLUTIONS = [
    ("Conv2D", {"kernel_size": 3, "padding": "same", "activation": "relu"}),
    ("Conv2D", {"kernel_size": (4, 3), "padding": "same", "strides": 2}),
    ("Conv2D", {"kernel_size": 2, "padding": "same", "dilation_rate": 3}),
    ("Conv2D", {"kernel_size": (1, 2), "use_bias": False, "groups": 2}),
    ("Conv2D", {"kernel_size": 3, "data_format": "channels_first"}),
    ("DepthwiseConv2D", {"kernel_size": 4, "strides": 2, "depth_multiplier": 2}),
    ("DepthwiseConv2D", {"kernel_size": 3, "data_format": "channels_first"}),
]


def result_and_gradients(layer, x):
    """The layer's output, and the gradient of a function of it."""
    inputs = keras.Variable(x)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])

    def loss():
        output = layer(inputs)
        weight = np.cos(np.arange(np.prod(output.shape))).reshape(output.shape)
        return ops.sum(output * ops.cast(weight, "float32")), output

    # On JAX `value_and_grad` needs the scope of a training step.
    on_jax = keras.backend.backend() == "jax"
    with keras.StatelessScope() if on_jax else contextlib.nullcontext():
        (_, output), gradients = value_and_grad(loss, [inputs, *layer.weights])
    return [ops.convert_to_numpy(ops.stop_gradient(a)) for a in (output, *gradients)]


@pytest.mark.parametrize("name, arguments", CONVOLUTIONS)
def test_convolutions_are_those_of_keras(name, arguments):
    if name == "Conv2D":
        arguments = {"filters": 4, **arguments}
    x = np.random.default_rng(0).normal(size=(2, 7, 8, 4)).astype("float32")
    if "data_format" in arguments:
        x = x.transpose(0, 3, 1, 2).copy()
    try:
        theirs = result_and_gradients(getattr(keras.layers, name)(**arguments), x)
    except Exception as error:
        if type(error).__name__ != "UnimplementedError":
            raise
        pytest.skip("TensorFlow has no channels_first convolution on this processor")
    ours = result_and_gradients(getattr(layers, name)(**arguments), x)
    for received, expected in zip(ours, theirs, strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(received, expected, atol=1e-4)
