"""What is converted computes what was trained, on each backend."""

from collections import Counter

import keras
import numpy as np
import pytest
from keras.layers import Identity

from crd_keras.export.channel_equalization import equalize_channels
from crd_keras.export.doubling_convolutions import DoublingConv2D, doubling_form
from crd_keras.export.inference_graph import inference_graph
from crd_keras.export.inference_layers import (
    MirrorPadding2D,
    SlicedReflectionPadding2D,
    SubpixelConv2D,
    ZeroMeanInstanceNormalization,
)
from crd_keras.export.small_means import small_means
from crd_keras.layers import InstanceNormalization
from crd_keras.models import mobile_resnet_generator, unet_generator

SIZE = 16
PIXELS = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), "uint8")
IMAGES = PIXELS.astype("float32") / 127.5 - 1


def with_random_weights(model):
    """As after a training: large and small channels, biases, moving statistics."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [
            rng.uniform(0.2, 1, w.shape) * 10 ** rng.uniform(-1, 1, w.shape[-1:])
            for w in model.get_weights()
        ]
    )
    return model


@pytest.fixture(scope="module")
def generator():
    return with_random_weights(mobile_resnet_generator(filters=3, blocks=1))


@pytest.fixture(scope="module")
def expected(generator):
    return generator.predict_on_batch(IMAGES)


def test_a_resnet_computes_the_same(generator, expected):
    network = inference_graph(generator, batch_size=None)
    assert network.input_shape == network.output_shape == (None, None, None, 3)
    np.testing.assert_allclose(network.predict_on_batch(IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize("layer", [MirrorPadding2D, SlicedReflectionPadding2D])
def test_pixels_and_other_paddings(generator, expected, layer):
    size = (SIZE, SIZE)
    network = inference_graph(
        generator, size, batch_size=3, pixels="uint8", padding_layer=layer
    )
    assert network.input_shape == network.output_shape == (3, *size, 3)
    result = network.predict_on_batch(PIXELS)
    assert result.dtype == np.uint8
    # Rounded, hence half a level; and the float32 of the two may round differently.
    assert np.abs(result - (expected * 127.5 + 127.5)).max() < 0.51


def test_few_filters_make_blocks_of_pixels(generator, expected):
    def last_convolution(image_size):
        network = inference_graph(
            generator, image_size, batch_size=3, subpixel_layer=SubpixelConv2D
        )
        np.testing.assert_allclose(
            network.predict_on_batch(IMAGES), expected, atol=1e-5
        )
        convolutions = (keras.layers.Conv2D, SubpixelConv2D)
        return [x for x in network.layers if isinstance(x, convolutions)][-1]

    layer = last_convolution((SIZE, SIZE))
    assert type(layer) is SubpixelConv2D and layer.kernel.shape == (8, 8, 3, 12)
    # Each block has its own kernel four times.
    kernel, bias = generator.get_layer(layer.name).get_weights()
    assert np.sum(layer.kernel) == pytest.approx(4 * kernel.sum(), rel=1e-4)
    np.testing.assert_array_equal(layer.bias, np.tile(bias, 4))
    # Of open sizes nobody knows that they are even.
    assert last_convolution(None).kernel_size == (7, 7)


@pytest.mark.parametrize("size", [None, (SIZE, SIZE)])
def test_doubling_convolutions(generator, expected, size):
    network = inference_graph(generator, size, batch_size=None, doubling=True)
    counts = Counter(type(layer) for layer in network.layers)
    assert counts[DoublingConv2D] == counts[Identity] == 2
    assert counts[keras.layers.Conv2DTranspose] == 0
    assert network.output_shape == generator.compute_output_shape(network.input_shape)
    np.testing.assert_allclose(network.predict_on_batch(IMAGES), expected, atol=1e-5)


def test_transposed_convolutions_that_stay():
    """Those of many filters or other kernels, and whose first row others need."""
    first, last = ((1, 0), (1, 0)), ((0, 1), (0, 1))
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2DTranspose(17, 3, strides=2)(inputs)
    x = keras.layers.Cropping2D(first)(x)
    x = keras.layers.Conv2DTranspose(4, 4, strides=2)(x)
    x = keras.layers.Cropping2D(first)(x)
    doubled = keras.layers.Conv2DTranspose(4, 3, strides=2)(x)
    x = keras.layers.Cropping2D(first)(doubled)
    x = keras.layers.Concatenate()([x, keras.layers.Cropping2D(last)(doubled)])
    model = keras.Model(inputs, x)
    for layer in model.layers:
        assert doubling_form(layer, layer.get_config()) is None


def test_a_unet_computes_the_same():
    unet = with_random_weights(unet_generator(filters=2, downs=2, dropout=0.5))
    network = inference_graph(unet, (SIZE, SIZE), batch_size=3)
    expected = unet.predict_on_batch(IMAGES)
    np.testing.assert_allclose(network.predict_on_batch(IMAGES), expected, atol=1e-5)


def test_equalized_channels(generator, expected):
    equalized, epsilons = equalize_channels(generator, IMAGES)
    assert len(epsilons) == 9  # stem, 2 down, 4 in the block, 2 up
    network = inference_graph(equalized, batch_size=None, epsilons=epsilons)
    norms = [network.get_layer(name) for name in epsilons]
    probe = keras.Model(
        network.input, [network.output, *(norm.input for norm in norms)]
    )
    translated, *before_norms = probe.predict_on_batch(IMAGES)
    np.testing.assert_allclose(translated, expected, atol=1e-5)
    for x in before_norms:
        np.testing.assert_allclose(x.mean((0, 1, 2)), 0, atol=1e-3)
        np.testing.assert_allclose(x.var((0, 1, 2)), 1, rtol=2e-3)


def test_means_that_do_not_count():
    """An image that is lighter by itself has a mean, until a norm takes it away."""
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(4, 1)(inputs)
    x = InstanceNormalization(name="first")(x)
    x = keras.layers.DepthwiseConv2D(1)(x)
    outputs = InstanceNormalization(name="second")(x)
    model = with_random_weights(keras.Model(inputs, outputs))
    lighter = np.array([-0.2, 0, 0.2], "float32")[:, None, None, None]
    images = np.clip(IMAGES + lighter, -1, 1)
    expected = model.predict_on_batch(images)
    model, epsilons = equalize_channels(model, images)
    zero_means = small_means(model, images)
    assert zero_means == {"second"}
    assert small_means(keras.Sequential([inputs]), images) == set()
    network = inference_graph(model, None, 3, epsilons=epsilons, zero_means=zero_means)
    result = network.predict_on_batch(images)
    np.testing.assert_allclose(result, expected, atol=1e-4)
    # Of images with a mean it leaves that in.
    layer = ZeroMeanInstanceNormalization(epsilon=0.5)
    square = np.mean(images.astype("float64") ** 2, (1, 2), keepdims=True)
    np.testing.assert_allclose(layer(images), images / np.sqrt(square + 0.5), rtol=1e-5)


def test_convolutions_that_others_see_are_not_equalized():
    inputs = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(4, 1)(inputs)
    outputs = keras.layers.Add()([x, InstanceNormalization()(x)])
    model = keras.Model(inputs, outputs)
    equalized, epsilons = equalize_channels(model, IMAGES)
    assert epsilons == {}
    np.testing.assert_array_equal(equalized.get_weights()[0], model.get_weights()[0])


def test_mixed_precision_becomes_float32():
    mixed = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            keras.layers.Conv2D(3, 1, dtype="mixed_bfloat16"),
            InstanceNormalization(dtype="mixed_bfloat16"),
        ]
    )
    network = inference_graph(mixed)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}


def test_models_that_cannot_be_exported(generator):
    vectors = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    fixed = mobile_resnet_generator((SIZE, SIZE, 3), filters=2, blocks=1)
    first = mobile_resnet_generator(
        (3, None, None), filters=2, blocks=1, data_format="channels_first"
    )

    class Own(keras.Model):
        pass

    cases = [
        (vectors, None, r"`model` must make images .* Received: \(None, 4\)"),
        (Own(), None, "`model` must be a functional .* Received: Own"),
        (first, None, "`model` must have its channels last"),
        (fixed, (8, 8), "`image_size` must be .*16x16.* Received: 8x8"),
        (generator, (10, 12), "`image_size` must be such.* Received: 10x12.* 12x12"),
    ]
    for model, size, message in cases:
        with pytest.raises(ValueError, match=message):
            inference_graph(model, size)


@pytest.mark.parametrize("layer", [MirrorPadding2D, SlicedReflectionPadding2D])
def test_images_that_are_too_small_to_mirror(generator, layer):
    with pytest.raises(ValueError, match="Images of 1x1 are too small"):
        inference_graph(generator, (4, 4), padding_layer=layer)
