import numpy as np
import pytest
from PIL import Image

from crd_keras.data.augmentation import crop_and_flip, enlarge
from crd_keras.data.framing import frame
from tests.data.image_folders import random_image

pytestmark = pytest.mark.any_backend


def augment(image, image_size, seed):
    return np.asarray(crop_and_flip(enlarge(image, image_size), image_size, seed))


def noise(height, width):
    """Of middle grey levels, which bicubic overshoots do not bring out of range."""
    return np.random.default_rng(0).integers(70, 186, (height, width, 3), np.uint8)


@pytest.mark.parametrize("shape", [(64, 64), (50, 90), (16, 16), (143, 143)])
@pytest.mark.parametrize("make", [noise, lambda h, w: random_image(3, h, w)])
def test_resize_as_pillow(shape, make):
    image = make(*shape)
    expected = Image.fromarray(image).resize((36, 36), Image.Resampling.BICUBIC)
    resized = np.asarray(frame(image, 36))
    np.testing.assert_array_equal(resized, np.round(resized))
    # Pillow rounds (and clips) between its two passes, TensorFlow at the end.
    assert np.abs(resized - np.asarray(expected, np.float32)).max() <= 1


def test_crops_and_flips_of_the_enlarged_image():
    """Each result is one of the 2 * 5 * 5 crops, and the draws reach all of them."""
    image, size = noise(36, 36), 32
    large = np.asarray(
        Image.fromarray(image).resize((36, 36), Image.Resampling.BICUBIC)
    )
    crops = [
        large[top : top + size, left : left + size][:, ::step] / 127.5 - 1
        for top in range(5)
        for left in range(5)
        for step in (1, -1)
    ]
    seen = set()
    for seed in range(300):
        result = augment(image, size, (seed, 1))
        distances = [np.abs(result - crop).max() for crop in crops]
        assert min(distances) < 1e-6
        seen.add(int(np.argmin(distances)))
    assert len(seen) >= 49  # of 50: 300 draws miss one with a chance of 0.1


def test_same_seed_same_result():
    image = noise(40, 30)
    first, second, other = (
        augment(image, 64, seed) for seed in ((1, 2), (1, 2), (1, 4))
    )
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1
    assert first.shape == (64, 64, 3) and first.dtype == np.float32
    assert first.min() >= -1 and first.max() <= 1


def test_whole_range():
    black, white = (np.full((8, 8, 3), value, np.uint8) for value in (0, 255))
    np.testing.assert_array_equal(augment(black, 8, (0, 0)), -1)
    np.testing.assert_array_equal(augment(white, 8, (0, 0)), 1)
