"""KID against scikit-learn's polynomial kernel; the features are fake."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from crd_keras.metrics import KernelInceptionDistance
from crd_keras.metrics.kid import polynomial_mmd
from tests.metrics.fake_features import FakeFeatures, NaNFeatures, batches, pictures

pytestmark = pytest.mark.any_backend


def independent_mmd(x, y, degree=3):
    """By its definition: means over pairs of different images."""
    x, y = x.astype("float64"), y.astype("float64")
    within_x, within_y, between = (
        polynomial_kernel(a, b, degree=degree, gamma=1 / x.shape[1], coef0=1)
        for a, b in ((x, x), (y, y), (x, y))
    )
    others_x, others_y = (~np.eye(len(a), dtype=bool) for a in (x, y))
    return within_x[others_x].mean() + within_y[others_y].mean() - 2 * between.mean()


@pytest.mark.parametrize("degree", [1, 3])
def test_mmd_matches_scikit_learn(degree):
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 24)).astype("float32")
    y = random.normal(0.3, 1.2, size=(30, 24)).astype("float32")
    np.testing.assert_allclose(
        polynomial_mmd(x, y, degree), independent_mmd(x, y, degree), rtol=1e-10
    )


def test_unbiased():
    """Two samples of one distribution: 0 on average, however small they are."""
    random = np.random.default_rng(0)
    samples = random.normal(size=(2000, 2, 5, 4))
    distances = [polynomial_mmd(x, y) for x, y in samples]
    error = np.std(distances) / np.sqrt(len(distances))
    assert abs(np.mean(distances)) < 3 * error < 0.1 * np.std(distances)


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_result_is_the_mean_over_subsets(batch):
    generated, reference = pictures(50, 1, brightness=0.3), pictures(40, 2)
    metric = KernelInceptionDistance(FakeFeatures(), subsets=5, subset_size=20, seed=3)
    score = metric.evaluate(batches(generated, batch), batches(reference, batch))
    x, y = metric.features(generated), metric.features(reference)
    random = np.random.default_rng(3)
    expected = []
    for _ in range(5):
        rows = [random.choice(len(a), 20, replace=False) for a in (x, y)]
        expected.append(independent_mmd(x[rows[0]], y[rows[1]]))
    np.testing.assert_allclose(score, np.mean(expected), rtol=1e-6)
    results = metric.results()
    assert list(results) == ["kid", "kid_std"] and results["kid"] == score
    np.testing.assert_allclose(results["kid_std"], np.std(expected), rtol=1e-6)
    assert metric.describe() == (
        "KID: fake features, 50 generated against 40 reference images of 16x16 pixels, "
        "5 subsets of 20, degree 3, seed 3"
    )


def test_subsets_are_no_larger_than_the_sets():
    generated, reference = pictures(30, 1), pictures(20, 2, brightness=0.2)
    metric = KernelInceptionDistance(FakeFeatures(), subsets=4)
    assert metric.evaluate([generated], [reference]) > 0
    assert "4 subsets of 20," in metric.describe()
    assert metric.results()["kid_std"] > 0
    # Both sets whole: the one subset is all there is.
    score = metric.evaluate([generated[:20]])
    expected = independent_mmd(
        metric.features(generated[:20]), metric.features(reference)
    )
    np.testing.assert_allclose(score, expected, rtol=1e-6)
    assert metric.results()["kid_std"] == 0
    assert "1 subset of 20," in metric.describe()


def test_same_in_every_evaluation_and_other_with_another_seed():
    generated, reference = pictures(30, 1), pictures(20, 2)

    def evaluated(seed):
        metric = KernelInceptionDistance(FakeFeatures(), 3, 10, seed=seed)
        first = metric.evaluate([generated], [reference])
        assert metric.evaluate([generated]) == first
        return first

    assert evaluated(0) == evaluated(0) != evaluated(1)


def test_orders_sets():
    reference = pictures(60, 1)
    metric = KernelInceptionDistance(FakeFeatures(), subsets=10, subset_size=40)
    same, near, far = (
        metric.evaluate([pictures(60, 2, brightness)], [reference])
        for brightness in (0.0, 0.2, 0.5)
    )
    assert abs(same) < 0.1 * near < 0.1 * far


def test_bad_images():
    metric = KernelInceptionDistance(NaNFeatures())
    with pytest.raises(ValueError, match="`kid` needs finite features.*1 of 5 images"):
        metric.update_state(pictures(5, 1))
    metric = KernelInceptionDistance(FakeFeatures())
    with pytest.raises(ValueError, match="`kid` needs at least 2 generated.*: 1$"):
        metric.evaluate([pictures(1, 1)], [pictures(2, 1)])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"subsets": 0}, "`subsets` .* at least 1. Received: 0"),
        ({"subset_size": 1}, "`subset_size` .* at least 2. Received: 1"),
        ({"degree": 1.5}, "`degree` must be an integer .* Received: 1.5"),
        ({"seed": -1}, "`seed` .* at least 0. Received: -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        KernelInceptionDistance(FakeFeatures(), **arguments)
