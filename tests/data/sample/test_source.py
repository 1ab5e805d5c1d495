import numpy as np
import pytest

from crd_keras.data import draw_animal, sample_source

pytestmark = pytest.mark.any_backend


def test_same_seed_same_animal():
    first, second = draw_animal(5, seed=3), draw_animal(5, seed=3)
    for a, b in zip(first, second):
        np.testing.assert_array_equal(a, b)
    for other in (draw_animal(6, seed=3), draw_animal(5, seed=4)):
        assert np.abs(first[0].astype(int) - other[0]).mean() > 10


@pytest.mark.parametrize("size", [12, 64, 100])
def test_shapes_and_types(size):
    plain, striped, mask = draw_animal(0, image_size=size)
    assert plain.shape == striped.shape == (size, size, 3)
    assert plain.dtype == striped.dtype == np.uint8
    assert mask.shape == (size, size) and mask.dtype == bool


def test_pictures_differ_in_the_coat_alone():
    for index in range(12):
        plain, striped, mask = (a.astype(float) for a in draw_animal(index))
        change = np.abs(plain - striped).mean(axis=-1)
        assert change[mask == 0].max() == 0
        assert change[mask == 1].mean() > 25
        assert 0.2 < mask.mean() < 0.5  # a good part of the picture


def test_stripes_show_at_64x64():
    """White and black alternate every 4 to 6 pixels on the trunk."""
    for index in range(24):
        _, striped, mask = draw_animal(index, image_size=64)
        grey, widths = striped.mean(axis=-1), mask.sum(axis=1)
        # Widths are those of the trunk with the tail or the head, which have no
        # stripes across: the row with most stripes tells the period best.
        periods = []
        for row in np.flatnonzero(widths > 0.8 * widths.max()):
            levels = grey[row][mask[row]]
            edges = np.count_nonzero(np.diff(levels > 128))
            periods.append(2 * len(levels) / max(edges, 1))
            assert levels.max() - levels.min() > 120
        assert 3.8 < min(periods) < 6.5


def test_the_scene_is_the_same_at_every_size():
    small, _, small_mask = draw_animal(7, image_size=32)
    large, _, large_mask = draw_animal(7, image_size=128)
    averaged = large.reshape(32, 4, 32, 4, 3).mean(axis=(1, 3))
    assert np.abs(averaged - small).mean() < 5
    covered = large_mask.reshape(32, 4, 32, 4).mean(axis=(1, 3)) > 0.5
    assert (covered & small_mask).sum() / covered.sum() > 0.98


def test_source_is_unpaired_and_knows_the_ground_truth():
    source = sample_source(image_size=32, train=5, test=3, seed=2)
    assert source.label.endswith("seed 2")
    records = {name: images.records for name, images in source.splits.items()}
    assert {name: len(images) for name, images in records.items()} == {
        "trainA": 5,
        "trainB": 5,
        "testA": 3,
        "testB": 3,
    }
    for split in ("testA", "testB"):
        ground_truth, masks = source.ground_truth[split], source.masks[split]
        assert ground_truth.shape == (3, 32, 32, 3) and masks.shape == (3, 32, 32)
        changed = np.any(records[split] != ground_truth, axis=-1)
        assert changed[masks].mean() > 0.5 and not changed[~masks].any()
    # No two pictures share a background, so none is the translation of another.
    pictures = np.concatenate(list(records.values())).astype(float)
    for index, picture in enumerate(pictures):
        others = np.delete(pictures, index, axis=0)
        assert np.abs(others - picture).mean(axis=(1, 2, 3)).min() > 8


def test_reversed_keeps_the_ground_truth():
    source = sample_source(image_size=32, train=1, test=2)
    other = source.reversed()
    assert type(other) is type(source)
    assert other.label == f"{source.label}, from B to A"
    for split, swapped in (("testA", "testB"), ("testB", "testA")):
        # A perfect translation is of the other domain.
        np.testing.assert_array_equal(
            other.ground_truth[split], source.ground_truth[swapped]
        )
        np.testing.assert_array_equal(other.masks[split], source.masks[swapped])
        np.testing.assert_array_equal(
            other.split(split).records, source.split(swapped).records
        )
    # Every fourth animal is of testB, from the fourth on.
    plain, striped, _ = draw_animal(3, image_size=32)
    np.testing.assert_array_equal(other.split("testA").records[0], striped)
    np.testing.assert_array_equal(other.ground_truth["testA"][0], plain)


def test_test_images_do_not_depend_on_the_number_of_training_images():
    few, many = (sample_source(image_size=16, train=n, test=2) for n in (1, 4))
    for split in ("testA", "testB"):
        np.testing.assert_array_equal(
            few.split(split).records, many.split(split).records
        )


@pytest.mark.parametrize(
    "argument, value", [("image_size", 0), ("train", 0), ("test", -1), ("seed", -1)]
)
def test_bad_arguments(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must .*Received: {value}"):
        sample_source(**{argument: value})
