"""The grid of pictures, pixel by pixel."""

import numpy as np
import pytest

from crd_keras.report.image_grid import image_grid

pytestmark = pytest.mark.any_backend


def values(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")


def test_every_cell_is_where_it_belongs_and_keeps_its_pixels():
    first, second = values((3, 40, 130, 3)), values((3, 40, 130, 3), seed=1)
    columns = {"a": first / 127.5 - 1, "b": second / 127.5 - 1}
    picture = np.asarray(image_grid(columns))
    assert picture.shape == (26 + 3 * 44, 4 + 2 * 134, 3)
    for column, images in enumerate((first, second)):
        for row, image in enumerate(images):
            top, left = 26 + 44 * row, 4 + 134 * column
            cell = picture[top : top + 40, left : left + 130]
            np.testing.assert_array_equal(cell, image)


def test_headers_stand_above_their_columns():
    images = np.zeros((1, 128, 128, 3))
    picture = np.asarray(image_grid({"input": images, " ": images, "b": images}))
    dark = (picture[:26] < 128).any(axis=(0, 2))
    assert dark[4:132].any() and not dark[136:264].any() and dark[268:].any()


def test_long_headers_stay_above_their_columns():
    images = np.zeros((1, 128, 128, 3))
    columns = {" ": images, "crd-without-discriminator": images, "": images}
    dark = (np.asarray(image_grid(columns))[:26] < 128).any(axis=(0, 2))
    assert not dark[:136].any() and dark[136:264].any() and not dark[264:].any()


def test_small_images_are_enlarged_by_repeating_pixels():
    image = values((1, 20, 50, 3))
    picture = np.asarray(image_grid({"a": image / 127.5 - 1}))
    enlarged = image[0].repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(picture[26:86, 4:154], enlarged)
    same = np.asarray(image_grid({"a": image / 127.5 - 1}, min_cell_width=50))
    np.testing.assert_array_equal(same[26:46, 4:54], image[0])


def test_grey_images_overshoot_and_nan():
    image = np.array([[[0.0], [2.0]], [[-7.0], [np.nan]]])[None]
    picture = np.asarray(image_grid({"a": image}, min_cell_width=2))
    expected = np.array([[128, 255], [0, 0]])[..., None].repeat(3, axis=-1)
    np.testing.assert_array_equal(picture[26:28, 4:6], expected)


def test_images_of_other_channels():
    """The first channel of two is grey, and of four the first three are colours."""
    images = {str(n): values((1, 4, 4, n)) for n in (2, 3, 4)}
    columns = {name: x / 127.5 - 1 for name, x in images.items()}
    picture = np.asarray(image_grid(columns, min_cell_width=4))[26:30]
    shown = {"2": [0, 0, 0], "3": [0, 1, 2], "4": [0, 1, 2]}
    for left, (name, channels) in zip((4, 12, 20), shown.items(), strict=True):
        expected = images[name][0][..., channels]
        np.testing.assert_array_equal(picture[:, left : left + 4], expected)


@pytest.mark.parametrize(
    "columns, message",
    [
        ({}, "at least one. Received: {}"),
        ({"a": np.zeros((4, 4, 3))}, r"\(count, .*Received: shape \(4, 4, 3\)"),
        (
            {"a": np.zeros((1, 4, 4, 3)), "b": np.zeros((2, 4, 4, 3))},
            r"as many images of one size. Received: \(1, 4, 4, 3\) and, in 'b', \(2",
        ),
    ],
)
def test_bad_columns(columns, message):
    with pytest.raises(ValueError, match=message):
        image_grid(columns)
