"""Pictures of every format, read as they should look."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from crd_keras.commands.translation import image_files
from crd_keras.data import folder_source
from crd_keras.data.pixels import picture_size, read_pixels, to_8_bits
from crd_keras.utils.channels import parse_channels, with_channels
from crd_keras.utils.images import from_levels, levels
from tests.data.image_folders import random_image, write_folders

pytestmark = pytest.mark.any_backend

RANDOM = np.random.default_rng(0)
RGB16 = RANDOM.integers(0, 2**16, (6, 5, 3), np.uint16)
FIVE = RANDOM.integers(0, 256, (6, 5, 5), np.uint8)


@pytest.mark.parametrize("extension", ["png", "tif", "npy"])
@pytest.mark.parametrize("channels", [1, 3])
def test_16_bits_survive(tmp_path, extension, channels):
    pixels, path = RGB16[..., :channels], tmp_path / f"x.{extension}"
    image_files.write(path, pixels)
    received = read_pixels(path, channels)
    assert received.dtype == np.uint16
    np.testing.assert_array_equal(received, pixels)
    assert picture_size(path) == (6, 5)
    # Other programs see the same picture.
    if extension == "png":
        with Image.open(path) as picture:
            high = np.asarray(picture).astype(int) >> (8 if channels == 1 else 0)
        np.testing.assert_array_equal(high, (pixels >> 8).squeeze())


def test_16_bits_and_floats_survive_the_scale_of_8():
    every = np.arange(2**16, dtype=np.uint16)
    np.testing.assert_array_equal(from_levels(levels(every), "uint16"), every)
    floats = np.linspace(0, 1, 100, dtype="float32")
    back = from_levels(levels(floats), "float32")
    np.testing.assert_allclose(back, floats, rtol=1e-6)


@pytest.mark.parametrize("compression", [None, "deflate", "tiff_lzw"])
@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_tiffs_of_16_bits_by_other_programs(tmp_path, compression, byte_order):
    path = tmp_path / "x.tif"
    if compression == "tiff_lzw":
        # Pillow writes no colours of 16 bits, and tifffile none with LZW.
        Image.fromarray(RGB16[..., 0]).save(path, compression=compression)
        np.testing.assert_array_equal(read_pixels(path, 1), RGB16[..., :1])
        return
    tifffile.imwrite(
        path, RGB16, photometric="rgb", compression=compression, byteorder=byte_order
    )
    np.testing.assert_array_equal(read_pixels(path), RGB16)


def test_more_channels(tmp_path):
    for name in ("x.tif", "x.npy"):
        image_files.write(tmp_path / name, FIVE)
        np.testing.assert_array_equal(read_pixels(tmp_path / name, 5), FIVE)
        assert picture_size(tmp_path / name) == (6, 5)
        with pytest.raises(ValueError, match="^5 channels, where 3 are wanted$"):
            read_pixels(tmp_path / name)
    with pytest.raises(ValueError, match="`--output` must be .npy or .tif .*: x.png"):
        image_files.check_channels(tmp_path.joinpath("x.png").relative_to(tmp_path), 5)


@pytest.mark.parametrize("name", ["x.png", "x.webp", "x.tif"])
def test_transparent_pixels_are_on_white(tmp_path, name):
    rgba = random_image(1, 8, 8)[..., [0, 1, 2, 0]].copy()
    rgba[:4, :, 3], rgba[4, :, 3], rgba[5:, :, 3] = 0, 128, 255
    Image.fromarray(rgba).save(tmp_path / name, lossless=True)
    received = read_pixels(tmp_path / name)
    assert (received[:4] == 255).all()
    np.testing.assert_array_equal(received[5:], rgba[5:, :, :3])
    half = (rgba[4, :, :3] * 128.0 + 255 * 127) / 255
    assert np.abs(received[4] - half).max() <= 0.5
    assert read_pixels(tmp_path / name, 4).shape == (8, 8, 4)


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.webp", "x.tif"])
def test_pictures_come_upright(tmp_path, name):
    pixels, exif = random_image(2, 16, 8), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    turned = Image.fromarray(np.rot90(pixels))
    options = {} if name == "x.tif" else {"exif": exif}
    if name == "x.tif":
        options = {"tiffinfo": {0x0112: 6}}
    turned.save(tmp_path / name, quality=100, **options)
    received = read_pixels(tmp_path / name)
    assert picture_size(tmp_path / name) == received.shape[:2] == (16, 8)
    assert np.abs(received.astype(int) - pixels).mean() < 15  # JPEG blurs colours


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[0, 200]], np.uint8), [[0, 200]]),
        (np.array([[0.0, 1.0]]), [[0, 255]]),
        (np.array([[0, 65535]], ">u2"), [[0, 255]]),
    ],
)
def test_arrays(tmp_path, array, expected):
    np.save(tmp_path / "x.npy", array)
    pixels = to_8_bits(read_pixels(tmp_path / "x.npy", 1))
    np.testing.assert_array_equal(pixels[..., 0], expected)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[0.0, 1.5]]), r"floats must be in \[0, 1\] and are in \[0, 1.5\]"),
        (np.array([[0.0, np.nan]]), "floats must be in"),
        (np.array([[0, 1]]), "numbers of the kind int64"),
        (np.zeros(3, np.uint8), "an array of another shape"),
        (np.array([[None]]), "damaged"),
    ],
)
def test_arrays_that_are_no_pictures(tmp_path, array, message):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(ValueError, match=message):
        read_pixels(tmp_path / "x.npy")


def test_grey_levels_are_those_of_pillow():
    pixels = random_image(3)
    expected = np.asarray(Image.fromarray(pixels).convert("L"))
    np.testing.assert_array_equal(with_channels(pixels, 1)[..., 0], expected)
    deep = with_channels(pixels.astype(np.uint16) * 257, 1)[..., 0]
    assert np.abs(deep / 257 - expected).max() <= 0.5
    floats = with_channels((pixels / 255).astype("float32"), 1)[..., 0]
    assert np.abs(floats * 255 - expected).max() <= 0.501


@pytest.mark.parametrize("text", ["", "3", "1:2:3", "0:3", "grey:3"])
def test_channels_that_are_none(text):
    with pytest.raises(ValueError, match="`channels` must be two positive numbers"):
        parse_channels(text)


@pytest.mark.parametrize("odd", ["rotated.jpg", "alpha.png", "deep.tif", "x.npy"])
def test_a_folder_with_one_that_tensorflow_reads_otherwise(tmp_path, odd):
    folder = write_folders(tmp_path, (1, 2, 1, 1))
    plain = folder_source(folder)
    path, exif = folder / "trainA" / odd, Image.Exif()
    exif[0x0112] = 3
    if odd == "rotated.jpg":
        Image.fromarray(random_image(1)).save(path, exif=exif)
    elif odd == "alpha.png":
        Image.fromarray(random_image(1)[..., [0, 1, 2, 0]]).save(path)
    else:
        image_files.write(path, RGB16)
    source = folder_source(folder, channels=(1, 3))
    for split, channels in (("trainA", 1), ("trainB", 3)):
        images = source.split(split)
        for record in images.records:
            expected = to_8_bits(read_pixels(record, channels))
            np.testing.assert_array_equal(images.load.array(record), expected)
            np.testing.assert_array_equal(images.tensor(record), expected)
    # Where nothing is odd nothing has changed, and splits can be joined.
    images = plain.split("trainB+testB")
    joined = source.split("trainB+testB")
    for record in images.records:
        np.testing.assert_array_equal(images.load(record), joined.load(record))


def test_channels_that_a_folder_has_not(tmp_path):
    folder = write_folders(tmp_path, (1, 1, 1, 1))
    with pytest.raises(ValueError, match="0.jpg .3 channels, where 4 are wanted"):
        folder_source(folder, channels=(4, 3))
