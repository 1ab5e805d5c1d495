"""Loading weights into a model that is there already."""

import numpy as np
import pytest
import tiny

from crd_keras.models import load_weights


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


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must be a .keras"):
        load_weights(tiny.generator(4, seed=1), tmp_path / "missing.keras")
