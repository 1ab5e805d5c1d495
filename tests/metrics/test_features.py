"""The features of images against pytorch-fid's way with images."""

import hashlib

import keras
import numpy as np
import pytest
import torch

from crd_keras.metrics import InceptionFeatures
from tests.models.torch_inception import random_inception, torch_features


def pictures(count=2, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, 40, 56, channels)).astype("float32")


@pytest.fixture(scope="module")
def reference():
    return random_inception()


@pytest.fixture(scope="module")
def weights(reference, tmp_path_factory):
    path = tmp_path_factory.mktemp("features") / "inception.pth"
    torch.save(reference.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def features(weights):
    return InceptionFeatures(weights)


def pytorch_fid(network, images):
    """What pytorch-fid does with a picture that was saved as PNG."""
    pixels = np.rint((images.astype("float64") + 1) * 127.5).astype("uint8")
    with torch.device("cpu"):
        x = torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()).float() / 255
        x = torch.nn.functional.interpolate(
            x, size=(299, 299), mode="bilinear", align_corners=False
        )
    return torch_features(network, (2 * x - 1).numpy().transpose(0, 2, 3, 1))


def test_as_pytorch_fid(features, reference):
    images = pictures()
    expected = pytorch_fid(reference, images)
    result = features(images)
    assert result.dtype == "float32"
    assert result.shape == (2, features.size) == (2, 2048)
    np.testing.assert_allclose(result, expected, atol=1e-5 * expected.max())


def test_grey_images_are_three_equal_channels(features):
    grey = pictures(channels=1)
    np.testing.assert_array_equal(features(grey), features(np.repeat(grey, 3, axis=-1)))


@pytest.mark.any_backend
def test_the_last_batch_is_not_computed_again(features, monkeypatch):
    runs = []
    original = features._network.predict_on_batch

    def counted(x):
        runs.append(len(x))
        return original(x)

    monkeypatch.setattr(features._network, "predict_on_batch", counted)
    first, second = pictures(seed=1), pictures(seed=2)
    first = np.float32(np.rint(first * 127.5 + 127.5) / 127.5 - 1)
    expected = features(first)
    # Another array, whose differences the rounding to grey levels removes.
    np.testing.assert_array_equal(features(first + np.float32(1e-3)), expected)
    assert runs == [2]
    with pytest.raises(ValueError, match="read-only"):
        expected[0] = 0
    assert np.abs(features(second) - expected).max() > 0
    np.testing.assert_array_equal(features(first), expected)
    # The same bytes in another shape are other images.
    features(first.transpose(0, 2, 1, 3).reshape(2, 56, 40, 3))
    features(first.reshape(2, 56, 40, 3))
    assert runs == [2] * 5


@pytest.mark.any_backend
def test_labels(features, weights, monkeypatch):
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert features.label == (
        f"2048 features of the 2015 Inception (weights of inception.pth, sha256 "
        f"{digest[:8]}), images rounded to uint8, bilinear to 299x299"
    )
    monkeypatch.setattr(
        "crd_keras.metrics.features.fid_inception", lambda *_, **__: features._network
    )
    assert "with RANDOM weights (seed 3)" in InceptionFeatures("random", seed=3).label
    # A copy of the published file is known by its checksum.
    monkeypatch.setattr("crd_keras.metrics.features.WEIGHTS_SHA256", digest)
    assert InceptionFeatures(weights).label == (
        "2048 features of the 2015 Inception (pytorch-fid's weights), images rounded "
        "to uint8, bilinear to 299x299"
    )


@pytest.mark.any_backend
def test_keras_network(tmp_path, monkeypatch):
    """With a small network in the place of Keras', which takes long to compile."""
    inputs = keras.Input((None, None, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    network = keras.Model(inputs, keras.layers.Dense(2048)(pooled))
    path = tmp_path / "inception.weights.h5"
    path.write_bytes(b"weights")
    arguments = []

    def build(**kwargs):
        arguments.append(kwargs)
        return network

    monkeypatch.setattr(keras.applications, "InceptionV3", build)
    features = InceptionFeatures("keras", keras_weights=path)
    assert arguments == [{"include_top": False, "pooling": "avg", "weights": str(path)}]
    assert "Keras' InceptionV3 (weights of inception.weights.h5" in features.label
    assert "not those of FID" in features.label
    # In whole grey levels and of the network's size: nothing to round or resize.
    pixels = np.random.default_rng(0).integers(0, 256, (1, 299, 299, 3))
    images = keras.applications.inception_v3.preprocess_input(pixels.astype("float32"))
    expected = network.predict_on_batch(images)
    np.testing.assert_allclose(features(images), expected, atol=1e-6)
    assert not network.trainable


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "images, message",
    [
        (pictures(channels=2), "must have 3 channels, or 1.*Received: shape"),
        (pictures()[0], "must be a batch"),
        (np.full((2, 8, 8, 3), np.nan, "float32"), "must be finite"),
        (127.5 * (pictures() + 1), r"must have values in \[-1, 1\]"),
    ],
)
def test_bad_images_are_refused(features, images, message):
    with pytest.raises(ValueError, match=message):
        features(images)


@pytest.mark.any_backend
@pytest.mark.parametrize("weights", [None, "absent.pth"])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ValueError, match=f"`weights` must be.*Received: .*={weights}"):
        InceptionFeatures(weights)
