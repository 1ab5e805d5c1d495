"""What is wrong with a picture, in words. Needs no backend."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from crd_keras.utils.pictures import MAX_PIXELS, load_picture, open_picture

pytestmark = pytest.mark.any_backend


def write_bomb(path, width=20_000, height=10_000):
    """A whole PNG of few bytes: black, one bit a pixel."""
    rows = zlib.compress(bytes((width // 8 + 1) * height))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + name + data
        content += struct.pack(">I", zlib.crc32(name + data))
    path.write_bytes(content)
    return path


def write(path, size=64, **options):
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


def cut(path, part):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    return path


@pytest.mark.parametrize("extension", ["jpg", "png", "bmp", "gif", "webp"])
def test_whole_picture(tmp_path, extension):
    path = write(tmp_path / f"x.{extension}")
    with open_picture(path) as picture:
        assert picture.size == (64, 64)
    assert load_picture(path).size == (64, 64)


def test_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (20, 10)).save(tmp_path / "x.png", exif=exif)
    assert load_picture(tmp_path / "x.png").size == (10, 20)


def test_limit_of_pixels(tmp_path, monkeypatch):
    message = "^more than 178,956,970 pixels$"
    path = write_bomb(tmp_path / "bomb.png")
    for function in (open_picture, load_picture):
        with pytest.raises(ValueError, match=message):
            function(path)
    # A program that has lifted Pillow's limit has not lifted this one.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(ValueError, match=message):
        open_picture(path)
    just = write_bomb(tmp_path / "just.png", MAX_PIXELS // 10_000, 10_000)
    with open_picture(just) as picture:
        assert picture.height == 10_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"no picture", "not a JPEG, PNG, BMP, GIF, WebP or TIFF"),
        (b"\x89PNG\r\n\x1a\n", "damaged or truncated"),
    ],
)
def test_no_picture(tmp_path, content, reason):
    (tmp_path / "x.jpg").write_bytes(content)
    with pytest.raises(ValueError, match=f"^{reason}$"):
        open_picture(tmp_path / "x.jpg")


@pytest.mark.parametrize("extension", ["jpg", "png", "bmp", "gif"])
def test_truncated(tmp_path, extension):
    path = cut(write(tmp_path / f"x.{extension}"), 0.5)
    open_picture(path).close()
    with pytest.raises(ValueError, match="^truncated$"):
        load_picture(path)


def test_damaged(tmp_path):
    path = write(tmp_path / "x.png")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="^damaged$"):
        load_picture(path)


def test_missing(tmp_path):
    with pytest.raises(ValueError, match="^No such file or directory$"):
        open_picture(tmp_path / "none.png")
