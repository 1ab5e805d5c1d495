"""Squared distances between near and far contents against float64."""

import keras
import numpy as np
import pytest

from crd_keras.losses.squared_distances import squared_distances
from tests.gradients import value_and_gradient


def near_contents(count, scale=1.0):
    """Pairs of contents from far apart to nearly the same, with numbers up to 1."""
    rng = np.random.default_rng(0)
    start = rng.uniform(-1, 1, (4, count))
    start[3] = 0.7  # As a row of one colour, where errors do not average out.
    steps = rng.uniform(-1, 1, (4, 1, count)) * np.reshape([0, 1e-4, 1e-2, 1], (4, 1))
    contents = np.clip(start[:, None] + steps, -1, 1).reshape(1, 16, count)
    return (scale * contents).astype("float32")


def differences(contents):
    contents = np.float64(contents)
    return contents[:, :, None] - contents[:, None]


def unit(contents):
    """What a squared distance of 1 stands for."""
    return contents.shape[2] * np.square(np.float64(np.abs(contents).max()))


@pytest.mark.parametrize("count", [100, 768, 3072, 4099])
@pytest.mark.parametrize("scale", [1.0, 3e-5, 100.0])
def test_distances_of_all_sizes(count, scale):
    contents = near_contents(count, scale)
    coarse, fine, apart = keras.ops.convert_to_numpy(squared_distances(contents))
    result = np.float64(coarse) + fine
    expected = np.square(differences(contents)).sum(axis=-1)
    np.testing.assert_array_equal(apart[0], 1 - np.eye(16))
    np.testing.assert_allclose(result * unit(contents), expected, rtol=1e-6, atol=0)


def test_the_difference_between_two_far_contents_is_kept():
    contents = near_contents(768)
    coarse, fine, _ = keras.ops.convert_to_numpy(squared_distances(contents))
    expected = np.square(differences(contents)).sum(axis=-1)
    # From all others, contents 0 and 1 are nearly equally far.
    result = (coarse[0, 0] - coarse[0, 1]) + (fine[0, 0] - fine[0, 1])
    expected = expected[0, 0] - expected[0, 1]
    np.testing.assert_allclose(
        result[4:] * unit(contents), expected[4:], rtol=1e-6, atol=1e-8
    )


def test_the_same_up_to_rounding():
    contents = np.repeat(near_contents(768)[:, :1], 3, axis=1)
    contents[0, 1] = np.nextafter(contents[0, 1], np.float32(2))
    contents[0, 2, 0] += np.float32(1e-4)
    _, _, apart = keras.ops.convert_to_numpy(squared_distances(contents))
    np.testing.assert_array_equal(apart[0], [[0, 0, 1], [0, 0, 1], [1, 1, 0]])


def test_gradients_of_distances_of_all_sizes():
    contents = near_contents(768)
    apart = np.square(differences(contents)).sum(axis=-1)
    weights = np.divide(1, apart, out=np.zeros_like(apart), where=apart > 0)
    weights = weights.astype("float32")

    def loss(x):
        coarse, fine, _ = keras.ops.unstack(squared_distances(x), 3)
        return keras.ops.sum(keras.ops.multiply(weights, coarse + fine))

    _, gradient = value_and_gradient(loss, contents)
    expected = 4 * np.einsum("bij,bijd->bid", weights, differences(contents))
    expected = expected / unit(contents)
    errors = np.linalg.norm(gradient - expected, axis=-1)
    assert np.all(errors < 1e-6 * np.linalg.norm(expected, axis=-1))
