"""What each change does to images, and that all of it follows from the seed."""

import sys

import keras
import numpy as np
import pytest
from matplotlib.colors import rgb_to_hsv

from crd_keras.data import (
    IMAGE_AUGMENTATIONS,
    Images,
    PairedSource,
    image_augmentation,
    paired_dataset,
    unpaired_dataset,
)
from tests.data.image_folders import random_image

SIZE = 16
SEEDS = [(seed, 7) for seed in range(8)]
# Of middle colours, which no change brings out of range.
COLORS = np.random.default_rng(0).uniform(-0.4, 0.4, (SIZE, SIZE, 3)).astype("float32")


def changed(names, image=COLORS, seeds=SEEDS):
    """The image as each of the seeds changes it, `(len(seeds), height, width, 3)`."""
    augment = image_augmentation(names)
    results = np.stack([augment(image, seed) for seed in seeds])
    assert results.dtype == np.float32 and results.shape[1:] == image.shape
    return results


def assert_spread(numbers, low, high):
    """Within what there may be, and not all the same."""
    assert low <= min(numbers) < max(numbers) <= high
    assert max(numbers) - min(numbers) > 0.4 * (high - low)


def hsv(image):
    return rgb_to_hsv((image + 1) / 2)


def test_brightness():
    added = changed(["brightness"]) - COLORS
    assert_spread(added.mean((1, 2, 3)), -0.2, 0.2)
    np.testing.assert_allclose(added, added[:, :1, :1, :1] + 0 * added, atol=1e-6)


def test_contrast():
    results = changed(["contrast"])
    means = COLORS.mean((0, 1))
    factors = (results - means).std((1, 2, 3)) / (COLORS - means).std()
    assert_spread(factors, 0.8, 1.2)
    expected = means + factors[:, None, None, None] * (COLORS - means)
    np.testing.assert_allclose(results, expected, atol=1e-5)


def test_saturation():
    hue, saturation, value = np.moveaxis(hsv(COLORS), -1, 0)
    factors = []
    for result in changed(["saturation"]):
        new_hue, new_saturation, new_value = np.moveaxis(hsv(result), -1, 0)
        np.testing.assert_allclose(new_hue, hue, atol=1e-4)
        np.testing.assert_allclose(new_value, value, atol=1e-5)
        factors.append(np.median(new_saturation / saturation))
        expected = np.minimum(saturation * factors[-1], 1)
        np.testing.assert_allclose(new_saturation, expected, atol=1e-4)
    assert_spread(factors, 2 / 3, 3 / 2)


def test_hue():
    before = hsv(COLORS)
    turns = []
    for result in changed(["hue"]):
        after = hsv(result)
        np.testing.assert_allclose(after[..., 1:], before[..., 1:], atol=1e-5)
        turn = (after[..., 0] - before[..., 0] + 0.5) % 1 - 0.5
        np.testing.assert_allclose(turn, np.median(turn), atol=1e-4)
        turns.append(np.median(turn))
    assert_spread(turns, -0.05, 0.05)


def slopes(results):
    """In x and y, in the middle of images that were ramps in x."""
    middle = results[:, 6:11, 6:11, 0]
    return np.diff(middle[:, 0]).mean(-1), np.diff(middle[:, :, 0]).mean(-1)


RAMP = np.broadcast_to(np.linspace(-1, 1, SIZE)[None, :, None], (SIZE, SIZE, 3))
RAMP = RAMP.astype("float32")
STEP = 2 / (SIZE - 1)


def test_rotation():
    x, y = slopes(changed(["rotation"], RAMP))
    np.testing.assert_allclose(np.hypot(x, y), STEP, rtol=1e-3)
    assert_spread(np.degrees(np.arctan2(y, x)), -10, 10)


def test_zoom():
    x, y = slopes(changed(["zoom"], RAMP))
    np.testing.assert_allclose(y, 0, atol=1e-6)
    assert_spread(x / STEP, 0.9, 1.1)


def test_cutout():
    corners = set()
    for result in changed(["cutout"]):
        rows, columns = np.nonzero(np.abs(result - COLORS).max(-1) > 1e-6)
        top, bottom, left, right = (
            edge(places) for places in (rows, columns) for edge in (np.min, np.max)
        )
        area = result[top : bottom + 1, left : right + 1]
        assert len(rows) == area.shape[0] * area.shape[1]
        np.testing.assert_array_equal(area, 0)
        assert max(area.shape[:2]) <= SIZE / 2
        corners.add((top, left))
    assert len(corners) > len(SEEDS) / 2


def test_color_jitter_is_its_four_parts():
    parts = ["brightness", "contrast", "saturation", "hue"]
    np.testing.assert_array_equal(changed(["color_jitter"]), changed(parts))


def test_numbers_do_not_depend_on_what_else_is_done():
    alone, after_rotation = changed(["cutout"]), changed(["rotation", "cutout"])
    np.testing.assert_array_equal(alone == 0, after_rotation == 0)


@pytest.mark.parametrize("name", IMAGE_AUGMENTATIONS)
def test_range_and_repetition(name):
    extremes = np.random.default_rng(1).choice([-1, 1], (SIZE, SIZE, 3))
    results = changed([name], extremes.astype("float32"))
    assert -1 <= results.min() and results.max() <= 1
    again = changed([name], extremes.astype("float32"), SEEDS[:2])
    np.testing.assert_array_equal(results[:2], again)
    assert len({result.tobytes() for result in results}) > 1


def test_float32_whatever_the_precision_of_the_training():
    expected = changed(["color_jitter"])
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        np.testing.assert_array_equal(changed(["color_jitter"]), expected)
    finally:
        keras.config.set_dtype_policy(policy)


@pytest.fixture(scope="module")
def augment():
    return image_augmentation(["color_jitter", "rotation", "zoom", "cutout"])


@pytest.fixture(scope="module")
def source():
    """All pictures of both domains are the same one: what differs was changed."""
    images = Images(np.stack([random_image(0, SIZE, SIZE)] * 6))
    splits = dict.fromkeys(("trainA", "trainB", "testA", "testB"), images)
    return PairedSource(label="one picture", splits=splits)


def epochs(dataset, number):
    """Arrays `(epoch, domain, image, height, width, 3)`."""
    return np.array(
        [
            np.concatenate(list(dataset.as_numpy_iterator()), axis=1)
            for _ in range(number)
        ]
    )


@pytest.mark.any_backend
def test_pictures_follow_from_seed_epoch_and_place(source, augment):
    def dataset(**arguments):
        return unpaired_dataset(
            source, SIZE, 2, image_augmentation=augment, **arguments
        )

    whole = epochs(dataset(seed=3), 2)
    resumed = epochs(dataset(seed=3, first_epoch=1), 1)
    np.testing.assert_array_equal(resumed[0], whole[1])
    other = epochs(dataset(seed=4), 1)
    pictures = [*whole.reshape(-1, SIZE, SIZE, 3), *other.reshape(-1, SIZE, SIZE, 3)]
    # 6 images of 2 domains in 3 epochs: each picture is another.
    assert len({picture.tobytes() for picture in pictures}) == 6 * 2 * 3


@pytest.mark.any_backend
def test_pairs_are_changed_alike(source, augment):
    dataset = paired_dataset(source, SIZE, 3, image_augmentation=augment)
    ((a, b),) = epochs(dataset, 1)
    np.testing.assert_array_equal(a, b)
    assert len({picture.tobytes() for picture in a}) == 6


@pytest.mark.any_backend
def test_crops_and_flips_stay_as_they_are(source):
    plain = epochs(unpaired_dataset(source, SIZE, 2), 1)
    seeds = []

    def record(image, seed):
        seeds.append(seed.shape)
        return image

    kept = epochs(unpaired_dataset(source, SIZE, 2, image_augmentation=record), 1)
    np.testing.assert_array_equal(kept, plain)
    assert seeds == [(2,), (2,)]  # Traced once for each domain.


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "names", [["blur"], ["hue", "hue"], ["color_jitter", "hue"], [""]]
)
def test_bad_names(names):
    received = f"Received: {','.join(names)}$"
    with pytest.raises(ValueError, match=f"`names` must be some of .*zoom.*{received}"):
        image_augmentation(names)


@pytest.mark.any_backend
def test_without_keras_cv(monkeypatch, source):
    monkeypatch.setitem(sys.modules, "keras_cv", None)
    assert len(epochs(unpaired_dataset(source, SIZE, 6), 1)) == 1
    with pytest.raises(ImportError, match=r"`pip install .crd_keras\[augmentation\]"):
        image_augmentation(["hue"])
