"""The Inception of FID against its published definition."""

import hashlib

import keras
import numpy as np
import pytest
import torch

from crd_keras.interop import load_pytorch_fid, pytorch_fid
from crd_keras.models import fid_inception
from crd_keras.utils.download import download
from tests.models.model_checks import images
from tests.models.torch_inception import random_inception, torch_features


@pytest.fixture(scope="module")
def reference():
    return random_inception()


@pytest.fixture(scope="module")
def weights(reference, tmp_path_factory):
    """A file in the layout of the published one, which is in the older format."""
    path = tmp_path_factory.mktemp("fid") / "inception.pth"
    state = reference.state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


@pytest.fixture(scope="module")
def model(weights):
    network = fid_inception()
    load_pytorch_fid(network, weights)
    return network


def assert_close(result, expected):
    np.testing.assert_allclose(result, expected, atol=1e-5 * expected.max())


@pytest.mark.any_backend
def test_published_numbers(model, reference):
    state = reference.state_dict()
    assert len(state) == 566
    assert sum(p.numel() for p in reference.parameters()) == 23_850_960
    trained = [
        weight
        for layer in model.layers
        for weight in layer.weights
        if weight.name in ("kernel", "gamma", "beta")
    ]
    assert sum(int(np.prod(w.shape)) for w in trained) == 21_785_568
    normalisations = [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert len(normalisations) == 94
    assert not model.trainable_variables


@pytest.mark.parametrize("size", [(299, 299), (107, 75)])
def test_same_features_as_pytorch(model, reference, size):
    x = images(*size)
    expected = torch_features(reference, x)
    result = model.predict_on_batch(x)
    assert result.shape == (2, 2048)
    assert expected.std() > 0.1
    assert_close(result, expected)


@pytest.mark.any_backend
def test_saved_weights_need_no_pytorch(model, weights, tmp_path, monkeypatch):
    path = tmp_path / "inception.weights.h5"
    model.save_weights(path)
    monkeypatch.setattr(torch, "load", None)
    loaded = fid_inception()
    load_pytorch_fid(loaded, path)
    for ours, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_round_trip(model, tmp_path):
    path = tmp_path / "inception.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert not loaded.trainable_variables
    assert loaded.to_json() == model.to_json()
    for ours, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_random_weights_under_other_settings():
    """One seed, one network: also where a training runs in half precision."""
    x = images(107, 107)
    first = fid_inception(seed=1)
    expected = first.predict_on_batch(x)
    # Of the size of the input: they neither vanish nor explode in 48 layers.
    assert 0.1 < np.sqrt(np.mean(expected**2)) < 10
    data_format = keras.config.image_data_format()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        keras.config.set_image_data_format("channels_first")
        second = fid_inception(seed=1)
        assert keras.config.dtype_policy().name == "mixed_float16"
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format(data_format)
    for ours, theirs in zip(second.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert_close(second.predict_on_batch(x), expected)


def assert_refused(model, weights, message):
    with pytest.raises(ValueError, match=message) as error:
        load_pytorch_fid(model, weights)
    assert "\n" not in str(error.value)
    assert f"{weights}" in str(error.value)


@pytest.mark.any_backend
def test_missing_file(model, tmp_path):
    path = tmp_path / "absent.pth"
    assert_refused(model, path, "`weights` must be 'pytorch-fid' or the path")


@pytest.mark.any_backend
def test_truncated_files(model, weights, tmp_path):
    path = tmp_path / "cut.pth"
    path.write_bytes(weights.read_bytes()[:1_000_000])
    assert_refused(model, path, "damaged, cut off")
    path = tmp_path / "cut.weights.h5"
    path.write_bytes(b"not a file of weights")
    message = "must be a file that was saved from a `fid_inception` model"
    assert_refused(model, path, message)


@pytest.mark.any_backend
def test_no_connection(model, monkeypatch):
    # Port 9 (discard): nobody listens.
    monkeypatch.setattr(pytorch_fid, "WEIGHTS_URL", "http://127.0.0.1:9/absent.pth")
    with pytest.raises(ConnectionError, match="Pass the path of a copy") as error:
        load_pytorch_fid(model)
    assert str(error.value).endswith("Received: weights=pytorch-fid")


@pytest.mark.any_backend
def test_download_is_loaded(monkeypatch, weights, model, tmp_path):
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()

    def to_cache(url, sha256, hint):
        return download(url, sha256, hint, tmp_path)

    monkeypatch.setattr(pytorch_fid, "download", to_cache)
    monkeypatch.setattr(pytorch_fid, "WEIGHTS_URL", weights.as_uri())
    network = fid_inception(seed=0)
    with pytest.raises(ValueError, match="wrong checksum"):
        load_pytorch_fid(network)
    assert not list((tmp_path / "models").iterdir())
    monkeypatch.setattr(pytorch_fid, "WEIGHTS_SHA256", digest)
    load_pytorch_fid(network)
    kernel = network.get_layer("Mixed_7c-branch_pool-conv").get_weights()[0]
    expected = model.get_layer("Mixed_7c-branch_pool-conv").get_weights()[0]
    np.testing.assert_array_equal(kernel, expected)
