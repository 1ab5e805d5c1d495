import numpy as np
import pytest

from crd_keras.utils.images import PIXELS_PER_UNIT, from_pixels, to_pixels, to_uint8

pytestmark = pytest.mark.any_backend


def test_every_pixel_comes_back():
    pixels = np.arange(256, dtype="float32")
    images = from_pixels(pixels)
    assert images.dtype == "float32"
    assert (images[0], images[-1]) == (-1, 1)
    np.testing.assert_allclose(np.diff(images), 1 / PIXELS_PER_UNIT, atol=1e-6)
    np.testing.assert_allclose(to_pixels(images), pixels, atol=1e-4)
    np.testing.assert_array_equal(to_uint8(images), pixels)


def test_rounded_and_clipped():
    images = from_pixels(np.array([-7.0, 0.4, 0.6, 254.6, 300.0]))
    result = to_uint8(images)
    assert result.dtype == "uint8"
    assert result.tolist() == [0, 0, 1, 255, 255]
