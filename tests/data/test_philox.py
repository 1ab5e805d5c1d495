import numpy as np
import pytest

from crd_keras.data.philox import fold_in, uniform
from crd_keras.data.tensorflow_import import import_tensorflow

pytestmark = pytest.mark.any_backend

SEEDS = [(0, 0), (3, 1), (2**40 + 5, -7)]


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_are_tensorflows(seed):
    tf = import_tensorflow()
    drawn = tf.random.stateless_uniform(
        (3, 7), tf.constant(seed, tf.int64), alg="philox"
    )
    np.testing.assert_array_equal(uniform(seed, 21), np.ravel(drawn))
    places = np.array([0, 1, 2**33])
    seeds = fold_in(seed, places)
    for place, folded, numbers in zip(places, seeds, uniform(seeds, 3), strict=True):
        expected = tf.random.experimental.stateless_fold_in(
            tf.constant(seed, tf.int64), tf.constant(place, tf.int64), alg="philox"
        )
        np.testing.assert_array_equal(folded, expected)
        drawn = tf.random.stateless_uniform((3,), expected, alg="philox")
        np.testing.assert_array_equal(numbers, drawn)


def test_they_are_uniform():
    numbers = uniform((1, 2), 10**5).astype(np.float64)
    assert numbers.min() >= 0 and numbers.max() < 1
    # Three standard deviations of the mean and of the mean square.
    assert abs(numbers.mean() - 1 / 2) < 3 * (1 / 12 / 10**5) ** 0.5
    assert abs((numbers**2).mean() - 1 / 3) < 3 * (4 / 45 / 10**5) ** 0.5
