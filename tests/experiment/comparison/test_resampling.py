import numpy as np
import pytest

from crd_keras.experiment.comparison.resampling import (
    DRAWS,
    image_draws,
    kid_draws,
    mean_draws,
)
from crd_keras.metrics.kid import polynomial_mmd

pytestmark = pytest.mark.any_backend


def test_draws_take_as_many_images_as_there_are():
    draws = image_draws(7)
    assert draws.shape == (DRAWS, 7)
    assert (draws.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(draws, image_draws(7))
    # Each image once on average.
    np.testing.assert_allclose(draws.mean(axis=0), 1, atol=0.15)


def test_means_of_draws():
    scores = np.random.default_rng(0).normal(3, 2, 200)
    draws = mean_draws(scores)
    expected = [np.repeat(scores, counts).mean() for counts in image_draws(200)[:5]]
    np.testing.assert_allclose(draws[:5], expected, rtol=1e-12)
    # The standard error of a mean.
    assert draws.std() == pytest.approx(scores.std() / np.sqrt(200), rel=0.1)


def test_kernel_distance_of_draws():
    random = np.random.default_rng(0)
    x, y = random.normal(0.2, 1, (30, 16)), random.normal(0, 1, (25, 16))
    distance, draws = kid_draws(x, y)
    assert distance == pytest.approx(polynomial_mmd(x, y), rel=1e-12)
    # No pair of an image with itself raises those of a draw.
    assert draws.mean() == pytest.approx(distance, abs=3 * draws.std() / np.sqrt(DRAWS))
    counts = image_draws(30)[0]
    drawn = np.repeat(np.arange(30), counts)
    kernel = (x @ x.T / 16 + 1) ** 3
    pairs = [kernel[i, j] for i in drawn for j in drawn if i != j]
    among_y = (y @ y.T / 16 + 1) ** 3
    others_y = (among_y.sum() - np.trace(among_y)) / (25 * 24)
    across = ((x[drawn] @ y.T / 16 + 1) ** 3).mean()
    assert draws[0] == pytest.approx(np.mean(pairs) + others_y - 2 * across, rel=1e-9)
