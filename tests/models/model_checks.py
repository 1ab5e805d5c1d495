"""What every image network of the package has to fulfil."""

from collections.abc import Callable

import keras
import numpy as np


def images(height: int = 64, width: int = 64, batch: int = 2) -> np.ndarray:
    shape = (batch, height, width, 3)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


def run(model: keras.Model, x: np.ndarray, **kwargs) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(x, **kwargs))


def trainable_parameters(model: keras.Model) -> int:
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def check_channels_first(build: Callable[..., keras.Model]) -> None:
    """Both data formats give the same output from the same seed."""
    x = images(32, 48)
    expected = run(build(seed=1, data_format="channels_last"), x)
    first = build(seed=1, data_format="channels_first")
    result = run(first, x.transpose(0, 3, 1, 2).copy()).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(result, expected, atol=1e-5)


def check_seed(build: Callable[..., keras.Model]) -> None:
    """A seed fixes all weights; without one they follow Keras' global seed."""

    def weights(seed):
        return np.concatenate([w.ravel() for w in build(seed=seed).get_weights()])

    np.testing.assert_array_equal(weights(1), weights(1))
    assert np.any(weights(1) != weights(2))
    assert np.any(weights(None) != weights(None))
    keras.utils.set_random_seed(3)
    expected = weights(None)
    keras.utils.set_random_seed(3)
    np.testing.assert_array_equal(weights(None), expected)


def check_round_trip(model: keras.Model, path: str) -> None:
    """A saved model loads without custom objects and gives the same output."""
    model.save(path)
    loaded = keras.saving.load_model(path)
    x = images(32, 48)
    np.testing.assert_array_equal(run(loaded, x), run(model, x))
    assert loaded.to_json() == model.to_json()
