"""Structural similarity against its definition, written with SciPy's filters."""

import numpy as np
import pytest
import scipy.signal

from crd_keras.metrics import SSIM
from tests.metrics.fake_features import pictures

pytestmark = pytest.mark.any_backend


def reference_ssim(x, y):
    """Equations 13 to 16 of Wang et al. for one channel of grey levels."""
    line = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2

    def mean(z):
        return scipy.signal.convolve2d(z, window, mode="valid")

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (
        (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    ).mean()


def test_matches_the_definition():
    targets = pictures(3, 1, size=32)
    images = np.clip(0.5 * targets + 0.4 * pictures(3, 2, size=32), -1, 1)
    levels = [np.rint(127.5 * x.astype("float64") + 127.5) for x in (images, targets)]
    expected = [
        np.mean([reference_ssim(x[..., c], y[..., c]) for c in range(3)])
        for x, y in zip(*levels, strict=True)
    ]
    metric = SSIM()
    metric.update_state(images, targets)
    assert 0.1 < metric.result() < 0.9
    np.testing.assert_allclose(metric.result(), np.mean(expected), rtol=1e-9)
    np.testing.assert_allclose(metric.results()["ssim_std"], np.std(expected), 1e-7)


def test_equal_images_and_direction():
    images = pictures(2, 1, size=16)
    metric = SSIM()
    metric.update_state(images, images)
    assert metric.result() == pytest.approx(1.0, abs=1e-12)
    assert metric.higher_is_better and metric.is_better(0.9, than=0.8)
    assert "2 pairs of 16x16 pixels" in metric.describe()


def test_too_small_images():
    with pytest.raises(ValueError, match="at least 11 pixels.*height 16, width 8$"):
        SSIM().update_state(pictures(2, 1)[:, :, :8], pictures(2, 2)[:, :, :8])
