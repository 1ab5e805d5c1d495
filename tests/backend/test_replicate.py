import numpy as np
import pytest
from keras import ops

from crd_keras.backend import replicate
from tests.gradients import value_and_gradient


@pytest.mark.parametrize("count", [1, 2, 5])
def test_copies_and_their_gradients(count):
    x = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")

    def function(tensor):
        copies = replicate(tensor, count)
        assert len(copies) == count
        assert all(tuple(copy.shape) == x.shape for copy in copies)
        return sum(
            ops.sum(factor * ops.square(copy)) for factor, copy in enumerate(copies, 1)
        )

    value, gradient = value_and_gradient(function, x)
    factors = count * (count + 1) / 2
    assert value == pytest.approx(factors * (np.float64(x) ** 2).sum(), rel=1e-6)
    np.testing.assert_allclose(gradient, 2 * factors * np.float64(x), rtol=1e-6)
