"""Pictures of any format as pixels, at the depth that they are stored at.

| format | numbers | channels |
| --- | --- | --- |
| JPEG, PNG, BMP, GIF, WebP | 8 bits, of PNG also 16 | 1 or 3, and alpha |
| TIFF | 8 or 16 bits, or floats in [0, 1] | any number |
| `.npy` | uint8, uint16, or floats in [0, 1] | any number |

Arrays in `.npy` files are of shape (height, width) or (height, width, channels).
Pictures come upright, as their EXIF data say. Behind transparent pixels is white.
"""

import os
import pathlib
import sys
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from crd_keras.utils.channels import check_convertible, with_channels
from crd_keras.utils.framing import BACKGROUND
from crd_keras.utils.pictures import (
    MAX_PIXELS,
    errors_in_words,
    open_picture,
    orientation,
)

NPY = ".npy"
TIFF = (".tif", ".tiff")

# How Pillow unpacks numbers of 16 bits: it keeps the high byte. Read in the other order
# of bytes, the high one is the low one.
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
# Of EXIF's orientations 5 to 8 have rows for columns.
_FIRST_ON_ITS_SIDE = 5

# Pillow's names.
_DECODED_BY_TENSORFLOW = ("JPEG", "MPO", "PNG", "BMP", "GIF")

_OF_16_BITS = ("RGB;16", "RGBA;16", "RGBX;16")


def read_pixels(path: str | os.PathLike, channels: int = 3) -> np.ndarray:
    """Reads a picture file.

    Args:
        path: The file.
        channels: How many channels the result has. 3: grey becomes colour. 1: colour
            becomes grey. Another number: as many as the picture has, alpha included.

    Returns:
        uint8, uint16 or float32 array of shape (height, width, channels).

    Raises:
        ValueError: If the file is missing, no picture, damaged, or has other channels.
            The message says so and does not name the file.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() == NPY:
        pixels, has_alpha = _read_npy(path), False
    else:
        pixels, has_alpha = _read_picture(path)
    if has_alpha and channels in (1, 3):
        pixels = _on_background(pixels)
    check_convertible(pixels.shape[-1], channels)
    return np.ascontiguousarray(with_channels(pixels, channels))


def picture_size(path: str | os.PathLike) -> tuple[int, int]:
    """Height and width of an upright picture, from the head of its file.

    Raises:
        ValueError: As `read_pixels`.
    """
    path = pathlib.Path(path)
    if path.suffix.lower() == NPY:
        with errors_in_words(path):
            height, width, *_ = np.load(path, mmap_mode="r", allow_pickle=False).shape
            return height, width
    try:
        with open_picture(path) as picture:
            # Of a TIFF Pillow gives the upright size.
            is_turned = (
                picture.format != "TIFF"
                and orientation(path, picture) >= _FIRST_ON_ITS_SIDE
            )
            width, height = picture.size
    except ValueError:
        if path.suffix.lower() in TIFF and (pixels := _read_tiff(path)) is not None:
            return pixels.shape[:2]
        raise
    return (width, height) if is_turned else (height, width)


def is_plain(path: str | os.PathLike, picture: Image.Image) -> bool:
    """Whether TensorFlow's own decoders see a picture as `read_pixels` does.

    Without transparency, stored upright, and of a format that they know.

    Args:
        path: The file.
        picture: What `open_picture` made of it.
    """
    return (
        picture.format in _DECODED_BY_TENSORFLOW
        # TensorFlow would take the numbers of a palette for grey levels.
        and (picture.format, picture.mode) != ("BMP", "P")
        and not picture.has_transparency_data
        and orientation(path, picture) == 1
    )


def to_8_bits(pixels: np.ndarray) -> np.ndarray:
    """What a training sees of pixels: uint8, of 16 bits the higher 8.

    Args:
        pixels: From `read_pixels`.
    """
    if pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    if pixels.dtype == np.float32:
        return np.rint(pixels * 255).astype(np.uint8)
    return pixels


def _read_npy(path):
    with errors_in_words(path):
        pixels = np.load(path, allow_pickle=False)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or 0 in pixels.shape:
        raise ValueError(
            "an array of another shape than (height, width) or (height, width, "
            f"channels): {pixels.shape}"
        )
    _check_count(pixels)
    return _checked(pixels)


def _checked(pixels):
    """Numbers of a known range."""
    native = pixels.dtype.newbyteorder("=")
    if native in (np.uint8, np.uint16):
        return pixels.astype(native, copy=False)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ValueError(
            f"numbers of the kind {pixels.dtype}, not uint8, uint16, float"
        )
    least, greatest = pixels.min(), pixels.max()
    if not (least >= 0 and greatest <= 1):  # Nor are NaNs.
        raise ValueError(
            f"floats must be in [0, 1] and are in [{least:g}, {greatest:g}]"
        )
    return pixels.astype(np.float32)


def _check_count(pixels):
    if pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
        raise ValueError(f"more than {MAX_PIXELS:,} pixels")


def _read_picture(path):
    """Pixels of a file that Pillow or tifffile knows, and whether the last is alpha."""
    try:
        picture = open_picture(path)
    except ValueError:
        if path.suffix.lower() in TIFF and (pixels := _read_tiff(path)) is not None:
            return pixels, False
        raise
    with picture, errors_in_words(path):
        raw_modes = [_raw_mode(tile) for tile in getattr(picture, "tile", ())]
        upright = ImageOps.exif_transpose(picture)
        if raw_modes and all(mode.startswith(_OF_16_BITS) for mode in raw_modes):
            high = np.asarray(upright).astype(np.uint16)
            pixels = (high << 8) | _low_bytes(path)
            return pixels, upright.mode == "RGBA"
    return _pixels(upright)


def _pixels(picture):
    if picture.mode.startswith("I"):
        grey = np.asarray(picture)
        return grey.clip(0, 2**16 - 1).astype(np.uint16)[..., None], False
    if picture.mode == "F":
        return _checked(np.asarray(picture))[..., None], False
    if (
        picture.mode in ("LA", "PA", "RGBA", "La", "RGBa")
        or picture.has_transparency_data
    ):
        return np.asarray(picture.convert("RGBA")), True
    if picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L"))[..., None], False
    return np.asarray(picture.convert("RGB")), False


def _low_bytes(path):
    """The lower bytes of numbers of 16 bits, which Pillow leaves out."""
    picture: Any = open_picture(path)
    with picture:
        picture.tile = [_in_other_order(tile) for tile in picture.tile]
        return np.asarray(ImageOps.exif_transpose(picture))


def _raw_mode(tile):
    return tile.args if isinstance(tile.args, str) else str((tile.args or [""])[0])


def _in_other_order(tile):
    mode = _raw_mode(tile)
    mode = mode[:-1] + _OTHER_ORDER[mode[-1]]
    args = mode if isinstance(tile.args, str) else (mode, *tile.args[1:])
    return tile._replace(args=args)


def _read_tiff(path):
    """A TIFF of more channels than Pillow knows; `None` if it is none."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            if np.prod(page.shape[-3:]) > MAX_PIXELS * 4:
                return None
            pixels, axes = page.asarray(), page.axes
    except (OSError, ValueError, RuntimeError, ImportError, IndexError, KeyError):
        return None
    if axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    elif axes != "YXS":
        return None
    return _checked(pixels)


def _on_background(pixels):
    """Colours before white, the last channel being how much of them is seen."""
    greatest = np.iinfo(pixels.dtype).max
    background = BACKGROUND * (greatest // 255)
    colours, seen = (
        pixels[..., :-1].astype(np.uint32),
        pixels[..., -1:].astype(np.uint32),
    )
    mixed = colours * seen + background * (greatest - seen) + greatest // 2
    return (mixed // greatest).astype(pixels.dtype)
