"""The sliced Wasserstein distance against SciPy and a float64 definition."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from crd_keras.metrics import SlicedWasserstein
from crd_keras.metrics.laplacian_pyramid import laplacian_pyramid, pyramid_sizes
from crd_keras.metrics.patch_descriptors import PatchDescriptors
from crd_keras.metrics.sliced_wasserstein import wasserstein_1d

pytestmark = pytest.mark.any_backend


def pictures(count, size=32, seed=0, stripes=0.0):
    """Smooth random pictures, with vertical stripes of the given amplitude."""
    random = np.random.default_rng(seed)
    noise = random.uniform(-1, 1, (count, size, size, 3))
    smooth = scipy.ndimage.gaussian_filter(noise, (0, 2, 2, 0), mode="mirror")
    wave = stripes * np.sign(np.sin(np.arange(size) * np.pi / 3 + 0.1))
    return np.clip(2 * smooth + wave[:, None], -1, 1).astype("float32")


def distance(generated, reference, **arguments):
    metric = SlicedWasserstein(**arguments)
    metric.update_reference(reference)
    metric.update_state(generated)
    return metric.result()


@pytest.mark.parametrize("n, m", [(1, 1), (5, 5), (7, 3), (6, 9), (64, 48), (1, 4)])
def test_wasserstein_1d_matches_scipy(n, m):
    random = np.random.default_rng(n * 100 + m)
    x, y = random.normal(size=(4, n)), random.normal(0.5, 2, size=(4, m))
    expected = np.mean(
        [scipy.stats.wasserstein_distance(a, b) for a, b in zip(x, y, strict=True)]
    )
    np.testing.assert_allclose(wasserstein_1d(x, y), expected, rtol=1e-12)


def test_wasserstein_1d_of_repeated_samples_is_zero():
    x = np.random.default_rng(0).normal(size=(3, 10))
    np.testing.assert_allclose(
        wasserstein_1d(x, np.repeat(x, 3, axis=1)), 0, atol=1e-15
    )


def scipy_pyramid(image, levels):
    """The pyramid by its definition: 2-D convolutions in float64."""
    taps = np.array([1, 4, 6, 4, 1]) / 16
    kernel = np.outer(taps, taps)[:, :, None]
    pyramid = [image.astype("float64")]
    for _ in range(levels - 1):
        fine = pyramid[-1]
        coarse = scipy.ndimage.convolve(fine, kernel, mode="mirror")[::2, ::2]
        spread = np.zeros_like(fine)
        spread[::2, ::2] = coarse
        pyramid[-1] = fine - scipy.ndimage.convolve(spread, 4 * kernel, mode="mirror")
        pyramid.append(coarse)
    return pyramid


@pytest.mark.parametrize("shape", [(64, 64, 3), (37, 50, 1), (16, 31, 3)])
def test_pyramid_matches_scipy(shape):
    image = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    pyramid = laplacian_pyramid(image, min_resolution=16)
    expected = scipy_pyramid(image, len(pyramid))
    assert [level.shape[:2] for level in pyramid] == pyramid_sizes(*shape[:2], 16)
    for ours, theirs in zip(pyramid, expected, strict=True):
        assert ours.dtype == "float32"
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_pyramid_sizes():
    assert pyramid_sizes(64, 64, 16) == [(64, 64), (32, 32), (16, 16)]
    assert pyramid_sizes(70, 37, 16) == [(70, 37), (35, 19)]
    assert pyramid_sizes(15, 64, 8) == [(15, 64), (8, 32)]
    assert pyramid_sizes(3, 3, 2) == [(3, 3), (2, 2)]
    assert len(pyramid_sizes(256, 256, 16)) == 5
    with pytest.raises(ValueError, match=r"`min_resolution`=16.*height 15, width 64"):
        pyramid_sizes(15, 64, 16)


def test_patches_are_cut_from_the_level_and_cover_it():
    height, width = 20, 17
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows, columns], axis=-1).astype("float32")[None]
    descriptors = PatchDescriptors(2000, 7, 16, max_patches=2000, seed=(0,))
    descriptors.update(image)
    (patches,) = descriptors.levels()
    assert patches.shape == (2000, 7, 7, 2)
    top, left = patches[:, 0, 0, 0], patches[:, 0, 0, 1]
    offset = np.arange(7)
    expected_rows = np.broadcast_to((top[:, None] + offset)[:, :, None], (2000, 7, 7))
    np.testing.assert_array_equal(patches[..., 0], expected_rows)
    np.testing.assert_array_equal(patches[:, 0, :, 1], left[:, None] + offset)
    assert (set(top), set(left)) == (set(range(14)), set(range(11)))


def constant_images(count):
    """Each image has a grey of its own, so that its patches can be told."""
    greys = np.linspace(-1, 1, count, dtype="float32")
    return np.broadcast_to(greys[:, None, None, None], (count, 16, 16, 1))


@pytest.mark.parametrize("batch", [1, 7, 60])
def test_a_random_part_of_too_many_patches_is_kept(batch):
    images = constant_images(60)
    descriptors = PatchDescriptors(50, 7, 16, max_patches=600, seed=(0,))
    for start in range(0, 60, batch):
        descriptors.update(images[start : start + batch])
        assert sum(map(len, descriptors._keys)) <= 700
    (patches,) = descriptors.levels()
    assert patches.shape == (600, 7, 7, 1)
    greys, counts = np.unique(patches[:, 0, 0, 0], return_counts=True)
    # Ten of each image on average: early and late ones alike.
    assert len(greys) == 60 and counts.max() < 25
    assert 250 < counts[:30].sum() < 350
    # The choice does not depend on the batches.
    whole = PatchDescriptors(50, 7, 16, max_patches=600, seed=(0,))
    whole.update(images)
    np.testing.assert_array_equal(patches, whole.levels()[0])


def test_result_matches_the_definition_in_float64():
    generated, reference = pictures(5, seed=1), pictures(3, seed=2, stripes=0.5)
    metric = SlicedWasserstein(patches_per_image=16, projections=32, repeats=2, seed=3)
    metric.update_reference(reference)
    metric.update_state(generated)
    sides = []
    for images, stream in ((generated, 1), (reference, 0)):
        levels = ([], [])
        for n, image in enumerate(images):
            random = np.random.default_rng((3, stream, n))
            for patches, level in zip(levels, scipy_pyramid(image, 2), strict=True):
                top = random.integers(len(level) - 6, size=16)
                left = random.integers(len(level) - 6, size=16)
                for y, x in zip(top, left, strict=True):
                    patches.append(level[y : y + 7, x : x + 7])
        sides.append([np.array(patches) for patches in levels])
    expected = {}
    for level, (x, y) in enumerate(zip(*sides, strict=True)):
        x = ((x - x.mean((0, 1, 2))) / x.std((0, 1, 2))).reshape(len(x), -1)
        y = ((y - y.mean((0, 1, 2))) / y.std((0, 1, 2))).reshape(len(y), -1)
        random = np.random.default_rng((3, 2, level))
        distances = []
        for direction in random.standard_normal((2 * 32, 7 * 7 * 3)):
            direction /= np.linalg.norm(direction)
            distances.append(
                scipy.stats.wasserstein_distance(x @ direction, y @ direction)
            )
        expected[32 >> level, 32 >> level] = 1000 * np.mean(distances)
    per_level = metric.result_per_level()
    assert list(per_level) == list(expected)
    np.testing.assert_allclose(
        list(per_level.values()), list(expected.values()), rtol=1e-5
    )
    np.testing.assert_allclose(
        metric.result(), np.mean(list(expected.values())), rtol=1e-5
    )


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_result_does_not_depend_on_the_batches(batch):
    generated, reference = pictures(64, 16, seed=1), pictures(20, 16, seed=2)
    metric = SlicedWasserstein(patches_per_image=8, projections=16)
    for start in range(0, 64, batch):
        metric.update_state(generated[start : start + batch])
    for start in range(0, 20, batch):
        metric.update_reference(reference[start : start + batch])
    whole = distance(generated, reference, patches_per_image=8, projections=16)
    assert metric.result() == whole


def test_same_in_every_evaluation_and_other_with_another_seed():
    generated, reference = pictures(6, 16, seed=1), pictures(5, 16, seed=2)
    metric = SlicedWasserstein(patches_per_image=8, projections=16)
    metric.update_reference(reference)
    metric.update_state(generated)
    first = metric.result()
    assert metric.result() == first
    metric.update_state(generated)
    assert metric.result() != first
    metric.reset_state()
    metric.update_state(generated)
    assert metric.result() == first
    other = distance(generated, reference, patches_per_image=8, projections=16, seed=1)
    assert other != first


def test_orders_sets_by_their_stripes():
    reference = pictures(24, seed=1, stripes=0.6)
    near, half, far = (
        distance(pictures(24, seed=2, stripes=stripes), reference)
        for stripes in (0.6, 0.3, 0.0)
    )
    assert near < 0.5 * half < 0.5 * far
    assert near > 0  # two samples of one distribution


def test_overall_colour_and_contrast_are_invisible():
    """Each set is normalised by itself, as in the original."""
    generated, reference = pictures(8, seed=1), pictures(8, seed=2)
    same = distance(generated, reference)
    shifted = distance(0.5 * generated + np.float32([0.3, 0.0, -0.2]), reference)
    np.testing.assert_allclose(shifted, same, rtol=1e-4)


def test_collapsed_generator_is_bad_and_finite():
    """A constant picture's rounding noise is not normalised to unit variance."""
    reference = pictures(8, seed=1)
    grey = np.full_like(reference, 0.123)
    metric = SlicedWasserstein()
    metric.update_reference(reference)
    metric.update_state(grey)
    # E|z| of a projection with unit variance and correlated pixels: hundreds.
    assert all(100 < value < 1000 for value in metric.result_per_level().values())


def test_describe():
    metric = SlicedWasserstein(seed=5)
    assert "(no images yet)" in metric.describe()
    metric.update_reference(pictures(3, 64))
    metric.update_state(pictures(2, 64))
    assert metric.describe() == (
        "SWD x 1e3: Laplacian pyramid 64-32-16, 128 patches 7x7 an image (at most "
        "16,384 in all), 4 x 128 projections, 2 generated against 3 reference images, "
        "seed 5"
    )
    wide = SlicedWasserstein()
    wide.update_reference(np.zeros((2, 64, 48, 3)))
    assert "pyramid 64x48-32x24," in wide.describe()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"patches_per_image": 0}, "`patches_per_image` .* at least 1. Received: 0"),
        ({"repeats": 1.5}, "`repeats` must be an integer .* Received: 1.5"),
        ({"seed": -1}, "`seed` .* at least 0. Received: -1"),
        ({"patch_size": 17}, "`patch_size` must not exceed .* Received: 17 > 16"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SlicedWasserstein(**arguments)


def test_images_smaller_than_the_smallest_level():
    metric = SlicedWasserstein()
    with pytest.raises(ValueError, match="`images` .*`min_resolution`=16 .* height 8"):
        metric.update_reference(np.zeros((2, 8, 8, 3)))
