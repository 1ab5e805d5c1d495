"""Loading weights into a model that is there already."""

import keras
import numpy as np
import pytest

from crd_keras import interop, models
from crd_keras.interop import load_weights
from crd_keras.layers import InstanceNormalization
from tests import tiny


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_weights_of_the_same_architecture(tmp_path, name):
    saved, model = tiny.generator(4, seed=1), tiny.generator(4, seed=2)
    path = tmp_path / name
    saved.save(path) if name.endswith(".keras") else saved.save_weights(path)
    load_weights(model, path)
    for received, expected in zip(model.weights, saved.weights, strict=True):
        np.testing.assert_array_equal(received.numpy(), expected.numpy())


def test_other_architecture_leaves_the_model_alone(tmp_path):
    tiny.generator(8, seed=1).save(tmp_path / "other.keras")
    model = tiny.generator(4, seed=2)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"4 arrays of 103 numbers.*4 arrays of 203"):
        load_weights(model, tmp_path / "other.keras")
    for received, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(received, expected)


@pytest.mark.parametrize(
    ("layers", "message"), [(1, None), (2, "layers 1, .* with patchgan .*layers 2")]
)
def test_pytorch_checkpoint(tmp_path, layers, message):
    saved = models.patch_discriminator(filters=2, layers=layers, seed=1)
    path = tmp_path / "net.pth"
    interop.write_state_dict(interop.to_state_dict(saved), path)
    model = models.patch_discriminator(filters=2, layers=1, seed=2)
    if message:
        with pytest.raises(ValueError, match=message) as error:
            load_weights(model, path)
        assert "\n" not in str(error.value)
        return
    load_weights(model, path)
    for received, expected in zip(model.weights, saved.weights, strict=True):
        np.testing.assert_array_equal(received.numpy(), expected.numpy())


@pytest.mark.parametrize("name", ["damaged.keras", "damaged.weights.h5"])
def test_damaged_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"no weights")
    with pytest.raises(ValueError, match="4 arrays of 103 numbers .*Received") as error:
        load_weights(tiny.generator(4, seed=1), tmp_path / name)
    assert "\n" not in str(error.value)


def test_refused_weights_leave_the_model_alone(tmp_path):
    """The first layers fit; Keras has assigned them before it comes to the last."""
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 2, strides=2)(inputs)
    x = InstanceNormalization()(x)
    other = keras.Model(inputs, keras.layers.Conv2DTranspose(5, 2, strides=2)(x))
    other.save_weights(tmp_path / "other.weights.h5")
    model = tiny.generator(4, seed=2)
    before = model.get_weights()
    with pytest.raises(ValueError, match="`path` must hold the weights of"):
        load_weights(model, tmp_path / "other.weights.h5")
    for received, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(received, expected)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must be a .keras"):
        load_weights(tiny.generator(4, seed=1), tmp_path / "missing.keras")
