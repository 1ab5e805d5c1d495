"""The peak signal-to-noise ratio against its definition."""

import numpy as np
import pytest

from crd_keras.metrics import PSNR
from tests.metrics.fake_features import pictures

pytestmark = pytest.mark.any_backend


def test_matches_the_definition():
    images, targets = pictures(5, 1), pictures(5, 2)
    levels = [np.rint(127.5 * x.astype("float64") + 127.5) for x in (images, targets)]
    errors = ((levels[0] - levels[1]) ** 2).mean(axis=(1, 2, 3))
    expected = 10 * np.log10(255**2 / errors)
    metric = PSNR()
    metric.update_state(images, targets)
    np.testing.assert_allclose(metric.result(), expected.mean(), rtol=1e-12)
    np.testing.assert_allclose(metric.results()["psnr_std"], expected.std(), rtol=1e-10)
    assert metric.higher_is_better and metric.is_better(30.0, than=20.0)


@pytest.mark.filterwarnings("error")
def test_equal_images_count_as_one_level_in_one_value():
    images = pictures(2, 1, size=256)
    metric = PSNR()
    metric.update_state(images, images)
    equal = metric.result()
    assert equal == pytest.approx(101.0668, abs=1e-4)  # The docstring's 101.1.
    other = images.copy()
    other[:, 0, 0, 0] = (
        np.where(images[:, 0, 0, 0] > 0, -1, 1) / 127.5 + (images[:, 0, 0, 0])
    )
    metric.reset_state()
    metric.update_state(other, images)
    assert metric.result() == pytest.approx(equal, abs=1e-9)
