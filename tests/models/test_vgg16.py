import keras
import numpy as np
import pytest

from crd_keras.models import vgg16_features
from crd_keras.models.vgg16 import KERAS_FEATURE_SCALES
from tests.models.model_checks import images

OUTPUTS = ["block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3"]


@pytest.fixture(scope="module")
def keras_vgg(tmp_path_factory):
    """Keras' network with random weights, and the file they are saved in."""
    model = keras.applications.VGG16(include_top=False, weights=None)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(0, 0.1, bias.shape)])
    path = str(tmp_path_factory.mktemp("vgg") / "vgg16.weights.h5")
    model.save_weights(path)
    outputs = [model.get_layer(name).output for name in OUTPUTS]
    return keras.Model(model.input, outputs), path


def run(model, x):
    return [keras.ops.convert_to_numpy(output) for output in model(x)]


def assert_close(results, expected):
    assert len(results) == len(expected) == 4
    for result, reference in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, reference, atol=2e-5 * reference.max())


def test_keras_weights_see_what_keras_preprocessing_gives(keras_vgg):
    network, path = keras_vgg
    x = images(32, 48)
    pixels = keras.applications.vgg16.preprocess_input((x + 1) * 127.5)
    expected = [
        scale * output
        for scale, output in zip(
            KERAS_FEATURE_SCALES, run(network, pixels), strict=True
        )
    ]
    assert_close(run(vgg16_features(path), x), expected)


def test_torchvision_weights_see_zero_to_one(keras_vgg):
    network, path = keras_vgg
    x = images(32, 48)
    result = run(vgg16_features(path, layout="torchvision"), x)
    assert_close(result, run(network, (x + 1) / 2))


def test_random_weights():
    x = images(32, 48)
    features = run(vgg16_features(None, seed=0), x)
    assert [f.shape for f in features] == [
        (2, 32, 48, 64),
        (2, 16, 24, 128),
        (2, 8, 12, 256),
        (2, 4, 6, 512),
    ]
    # He's initialisation keeps the scale of the input through the layers.
    assert all(0.2 < np.sqrt(np.mean(f**2)) < 2 for f in features)
    assert_close(run(vgg16_features(None, seed=0), x), features)
    other = run(vgg16_features(None, seed=1), x)
    assert np.abs(other[0] - features[0]).max() > 0.1


@pytest.mark.parametrize("layout", ["keras", "torchvision"])
def test_channels_first(keras_vgg, layout):
    x = images(32, 48)
    expected = run(vgg16_features(keras_vgg[1], layout), x)
    first = vgg16_features(keras_vgg[1], layout, data_format="channels_first")
    result = run(first, x.transpose(0, 3, 1, 2).copy())
    assert_close([f.transpose(0, 2, 3, 1) for f in result], expected)


def test_frozen_and_round_trip(keras_vgg, tmp_path):
    model = vgg16_features(keras_vgg[1])
    assert not model.trainable_variables
    assert [output.shape[-1] for output in model.outputs] == [64, 128, 256, 512]
    path = str(tmp_path / "features.keras")
    model.save(path)
    loaded = keras.saving.load_model(path)
    assert not loaded.trainable_variables
    x = images(32, 32)
    for result, expected in zip(run(loaded, x), run(model, x), strict=True):
        np.testing.assert_array_equal(result, expected)


@pytest.mark.any_backend
def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`weights` must be.*Received: .*absent.h5"):
        vgg16_features(tmp_path / "absent.h5")


@pytest.mark.any_backend
def test_damaged_file_is_refused(tmp_path):
    path = tmp_path / "damaged.weights.h5"
    path.write_bytes(b"not a file of weights")
    with pytest.raises(ValueError, match="`weights` must be a file with") as error:
        vgg16_features(path)
    assert "\n" not in str(error.value)


@pytest.mark.any_backend
@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "other.weights.h5"
    inputs = keras.Input((None, None, 3))
    outputs = keras.layers.Conv2D(64, 3, name="block1_conv1")(inputs)
    keras.Model(inputs, outputs).save_weights(path)
    with pytest.raises(ValueError, match="`weights` must be a file with") as error:
        vgg16_features(path)
    assert "\n" not in str(error.value)


@pytest.mark.any_backend
def test_failed_download_says_what_to_do(monkeypatch):
    def fail(*args, **kwargs):
        raise Exception("URL fetch failure\non a second line")

    monkeypatch.setattr(keras.applications, "VGG16", fail)
    with pytest.raises(ConnectionError, match="Pass the path of a file") as error:
        vgg16_features("imagenet")
    assert "(URL fetch failure)" in str(error.value)


@pytest.mark.any_backend
def test_bad_layout_is_refused():
    with pytest.raises(ValueError, match="`layout` must be.*Received: caffe"):
        vgg16_features(None, layout="caffe")
    with pytest.raises(ValueError, match="`weights`.*Received: weights=imagenet"):
        vgg16_features("imagenet", layout="torchvision")
