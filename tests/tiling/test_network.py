"""Pictures in tiles become what they become untiled."""

import tempfile

import keras
import numpy as np
import pytest

from crd_keras import models, translate
from crd_keras.layers import InstanceNormalization
from crd_keras.models.seeds import SeededNormal
from crd_keras.tiling import TiledNetwork, UntiledLayerError
from crd_keras.tiling.stored_rows import StoredRows
from crd_keras.utils.full_disk import DiskFullError
from crd_keras.utils.images import from_pixels, to_uint8
from tests.no_space import limited_file_size

BUILDERS = {
    "mobile_resnet": (models.mobile_resnet_generator, {"blocks": 2}),
    "resnet": (models.resnet_generator, {"blocks": 1}),
    "unet": (models.unet_generator, {"downs": 3}),
}


def pixels(height, width, seed=0):
    """A picture whose parts differ, so that statistics of a part are others."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(0, 200, height)[:, None, None]
    return (slope + rng.uniform(0, 55, (height, width, 3))).astype("uint8")


def untiled(model, picture):
    images = from_pixels(picture[None].astype("float32"))
    return to_uint8(translate(model, images))[0].astype(int)


def generator(name, upsampling="transposed"):
    """One whose images have all grey levels, whatever the weights start from."""
    build, arguments = BUILDERS[name]
    model = build(filters=4, upsampling=upsampling, seed=0, **arguments)
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if "moving" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        else:
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("name", BUILDERS)
def test_our_generators(name, upsampling):
    model, picture = generator(name, upsampling), pixels(40, 24)
    wanted = untiled(model, picture)
    assert wanted.std() > 30
    for rows in (7, 40):
        received = TiledNetwork(model).translate(picture, rows)
        assert received.dtype == np.uint8
        assert np.abs(received - wanted).max() <= 1
    # It is not enough to translate a part by itself.
    part = untiled(model, picture[:16])
    assert name == "unet" or np.abs(part[:8] - wanted[:8]).max() > 10


def test_every_padding_and_stride():
    """Odd sizes, kernels and strides, and a norm of the picture itself."""
    seeds = iter(range(100))

    def initializer():
        return SeededNormal(0.4, next(seeds))

    conv, transposed = keras.layers.Conv2D, keras.layers.Conv2DTranspose
    inputs = keras.Input((None, None, 3))
    x = InstanceNormalization()(inputs)
    x = conv(3, 3, 2, "same", kernel_initializer=initializer())(x)
    x = transposed(3, 3, 2, "same", kernel_initializer=initializer())(x)
    x = conv(4, 4, 1, "same", activation="relu", kernel_initializer=initializer())(x)
    x = conv(4, 3, dilation_rate=2, kernel_initializer=initializer())(x)
    x = keras.layers.ZeroPadding2D(((1, 3), (3, 1)))(x)
    x = transposed(3, 2, 3, kernel_initializer=initializer())(x)
    x = transposed(3, 5, 2, "same", kernel_initializer=initializer())(x)
    x = keras.layers.DepthwiseConv2D(5, 3, depthwise_initializer=initializer())(x)
    x = keras.layers.UpSampling2D((3, 2))(x)
    x = keras.layers.Cropping2D(((2, 1), (0, 3)))(x)
    outputs = conv(3, 1, activation="tanh", kernel_initializer=initializer())(x)
    model = keras.Model(inputs, outputs)
    picture = pixels(31, 22)
    wanted = untiled(model, picture)
    for rows in (1, 6, 31):
        received = TiledNetwork(model).translate(picture, rows)
        assert received.shape == wanted.shape
        assert np.abs(received - wanted).max() <= 1


@pytest.mark.any_backend
@pytest.mark.parametrize("dtype, white", [("uint16", 65535), ("float32", 1.0)])
def test_pictures_keep_their_depth(dtype, white):
    rng = np.random.default_rng(0)
    unit = rng.uniform(size=(40, 24, 3))
    picture = (unit * white).astype(dtype)
    model = generator("mobile_resnet")
    received = TiledNetwork(model).translate(picture, 7)
    assert received.dtype == dtype
    images = (picture[None] / white * 2 - 1).astype("float32")
    wanted = np.clip(translate(model, images)[0] / 2 + 0.5, 0, 1)
    # Much less than a level of 8 bits.
    np.testing.assert_allclose(received / white, wanted, atol=2e-4)


@pytest.mark.any_backend
def test_statistics_of_rows(tmp_path):
    rng = np.random.default_rng(0)
    # A mean that is large beside the deviation.
    tensor = (rng.normal(0, 0.1, (9, 5, 2)) + [100, -3]).astype("float32")
    stored = StoredRows(9, 5, 2, tmp_path)
    for first in range(0, 9, 4):
        stored.append(tensor[first : first + 4])
    np.testing.assert_array_equal(stored.rows(3, 8), tensor[3:8])
    exact = tensor.astype("float64")
    np.testing.assert_allclose(stored.mean, exact.mean((0, 1)), rtol=1e-12)
    np.testing.assert_allclose(stored.variance, exact.var((0, 1)), rtol=1e-4)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.any_backend
def test_how_large_a_picture_is():
    network = TiledNetwork(models.mobile_resnet_generator(filters=16, blocks=9))
    # 16 channels, in a frame of 3 pixels that the last padding adds.
    height, width = 6000, 8000
    of_width = (height + 6) * width // height
    expected = 4 * 16 * (height + 6) * of_width
    assert network.largest_bytes(height, width) == expected


@pytest.mark.any_backend
def test_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    network = TiledNetwork(generator("mobile_resnet"))
    with limited_file_size(3000), pytest.raises(DiskFullError, match=str(tmp_path)):
        network.translate(pixels(40, 24), 8)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.any_backend
def test_networks_that_are_not_known():
    def refused(message, *layers, data_format="channels_last"):
        inputs = keras.Input((8, 8, 3))
        x = inputs
        for layer in layers:
            x = layer(x)
        with pytest.raises(UntiledLayerError, match=message) as caught:
            TiledNetwork(keras.Model(inputs, x))
        assert "\n" not in str(caught.value)

    layers = keras.layers
    refused(r"layer pool .AveragePooling2D.$", layers.AveragePooling2D(2, name="pool"))
    refused(r"layer a .Activation.$", layers.Activation("softmax", name="a"))
    refused(r"layer c .Conv2D.$", layers.Conv2D(3, 1, activation="softmax", name="c"))
    refused(
        r"layer b .BatchNormalization.$", layers.BatchNormalization(axis=1, name="b")
    )
    refused(
        r"layer up .UpSampling2D.$",
        layers.UpSampling2D(interpolation="bilinear", name="up"),
    )
    refused(
        r"layer r .UpSampling2D.$",
        layers.UpSampling2D(data_format="channels_first", name="r"),
    )
    twice = layers.Conv2D(3, 1)
    refused("a layer that is called more than once$", twice, twice)
    inputs = keras.Input((8, 8, 3))
    two = keras.Model(inputs, [layers.ReLU()(inputs), layers.ReLU()(inputs)])
    with pytest.raises(UntiledLayerError, match="one input and one output"):
        TiledNetwork(two)
