"""The Fréchet distance against closed forms and SciPy; statistics against NumPy."""

import numpy as np
import pytest
import scipy.linalg

from crd_keras.metrics.frechet import FeatureStatistics, frechet_distance

pytestmark = pytest.mark.any_backend


def covariance(size, seed):
    """A random covariance with condition number 100."""
    random = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(random.normal(size=(size, size)))
    return (vectors * np.geomspace(0.1, 10, size)) @ vectors.T


def test_diagonal_covariances():
    """sum of (m1 - m2)^2 + (s1 - s2)^2, with standard deviations s."""
    random = np.random.default_rng(0)
    mu1, mu2 = random.normal(size=(2, 20))
    s1, s2 = random.uniform(0, 3, size=(2, 20))
    expected = ((mu1 - mu2) ** 2 + (s1 - s2) ** 2).sum()
    distance = frechet_distance(mu1, np.diag(s1**2), mu2, np.diag(s2**2))
    np.testing.assert_allclose(distance, expected, rtol=1e-12)


def test_shift_is_squared_length():
    mu, sigma = np.arange(12.0), covariance(12, seed=0)
    distance = frechet_distance(mu, sigma, mu + 0.5, sigma)
    np.testing.assert_allclose(distance, 12 * 0.25, rtol=1e-12)


def test_scaling_of_a_full_covariance():
    """sqrt(sigma 9 sigma) = 3 sigma: tr(sigma) (1 + 9 - 2 * 3)."""
    mu, sigma = np.zeros(30), covariance(30, seed=1)
    distance = frechet_distance(mu, sigma, mu, 9 * sigma)
    np.testing.assert_allclose(distance, 4 * np.trace(sigma), rtol=1e-12)


@pytest.mark.parametrize("size", [1, 8, 64])
def test_matches_scipy(size):
    random = np.random.default_rng(size)
    mu1, mu2 = random.normal(size=(2, size))
    sigma1, sigma2 = covariance(size, seed=2), covariance(size, seed=3)
    root = scipy.linalg.sqrtm(sigma1 @ sigma2).real
    expected = ((mu1 - mu2) ** 2).sum() + np.trace(sigma1 + sigma2 - 2 * root)
    distance = frechet_distance(mu1, sigma1, mu2, sigma2)
    np.testing.assert_allclose(distance, expected, rtol=1e-6)
    np.testing.assert_allclose(
        frechet_distance(mu2, sigma2, mu1, sigma1), distance, rtol=1e-12
    )


def test_singular_covariances():
    """Features in two planes of a space: two small Gaussians, closed form."""
    random = np.random.default_rng(0)
    vectors, _ = np.linalg.qr(random.normal(size=(50, 50)))
    variances1, variances2 = np.zeros((2, 50))
    variances1[:2], variances2[1:3] = (4.0, 9.0), (16.0, 25.0)
    sigma1, sigma2 = (
        (vectors * variances) @ vectors.T for variances in (variances1, variances2)
    )
    mu = np.zeros(50)
    distance = frechet_distance(mu, sigma1, mu, sigma2)
    # Axes: 2 against 0, 3 against 4, 0 against 5.
    np.testing.assert_allclose(distance, 4 + 1 + 25, rtol=1e-12)
    assert 0 <= frechet_distance(mu, sigma1, mu, sigma1) < 1e-12
    assert frechet_distance(mu, 0 * sigma1, mu, 0 * sigma1) == 0


@pytest.mark.parametrize(
    "moments, message",
    [
        ((np.zeros(2), np.eye(2), np.zeros(3), np.eye(3)), r"\(2,\), .*, \(3, 3\)$"),
        ((np.zeros(2), np.eye(3), np.zeros(2), np.eye(2)), r"shapes .*\(3, 3\)"),
        ((np.zeros(2), np.eye(2), np.zeros(2), np.nan * np.eye(2)), "finite.*NaN"),
    ],
)
def test_bad_moments(moments, message):
    with pytest.raises(ValueError, match=message) as error:
        frechet_distance(*moments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_streamed_statistics_match_numpy(batch):
    random = np.random.default_rng(0)
    features = random.normal(3, 2, (150, 10)).astype("float32")
    statistics = FeatureStatistics(10)
    for start in range(0, len(features), batch):
        statistics.update(features[start : start + batch])
    assert statistics.count == 150
    exact = features.astype("float64")
    np.testing.assert_allclose(statistics.mean, exact.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(
        statistics.covariance, np.cov(exact, rowvar=False), rtol=1e-12, atol=1e-14
    )


def test_statistics_of_features_far_from_zero():
    """E[x x] - mu mu would lose all digits: 1e16 against variances of 1e-2."""
    random = np.random.default_rng(0)
    features = 1e8 + random.integers(-8, 8, (300, 4)) / 64
    statistics = FeatureStatistics(4)
    for start in range(0, 300, 7):
        statistics.update(features[start : start + 7])
    expected = np.cov(features - 1e8, rowvar=False)
    np.testing.assert_allclose(statistics.covariance, expected, rtol=1e-6, atol=1e-8)


def test_statistics_refuse():
    statistics = FeatureStatistics(4)
    with pytest.raises(ValueError, match=r"shape \(batch, 4\)\. Received: \(2, 5\)"):
        statistics.update(np.zeros((2, 5)))
    statistics.update(np.zeros((0, 4)))
    statistics.update(np.zeros((1, 4)))
    with pytest.raises(ValueError, match="at least 2 images. Received: 1"):
        _ = statistics.covariance
