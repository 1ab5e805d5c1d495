"""Image files, read and written at their own depth: 8 bits, 16, or floats."""

import io
import pathlib
import struct
import sys
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import putchunk
from tqdm import tqdm

from crd_keras.data.image_files import EXTENSIONS as EXTENSIONS
from crd_keras.data.pixels import NPY, TIFF, read_pixels
from crd_keras.utils.files import atomic_write
from crd_keras.utils.images import from_levels, levels

# File name extension to Pillow's format and its options.
_BY_PILLOW = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".bmp": ("BMP", {}),
    ".webp": ("WEBP", {"quality": 95}),
}

FORMATS = ("png", "jpg", "webp", "tif", "npy")

# What PNG calls grey and colour.
_PNG_COLOURS = {1: 0, 3: 2}


def is_image(path: pathlib.Path) -> bool:
    return path.suffix.lower() in EXTENSIONS


def images_of(folder: pathlib.Path) -> list[pathlib.Path]:
    """The image files of a folder by name, without those of its subfolders."""
    return sorted(
        path for path in folder.iterdir() if is_image(path) and path.is_file()
    )


def check_channels(path: pathlib.Path, channels: int) -> None:
    """Raises a ValueError if a file cannot hold images of so many channels."""
    if channels not in (1, 3) and path.suffix.lower() not in (NPY, *TIFF):
        raise ValueError(
            f"`--output` must be .npy or .tif files for images of {channels} channels "
            f"(of a folder --format=npy or tif). Received: {path}"
        )


def write(path: pathlib.Path, image: np.ndarray) -> None:
    """Writes an image in the format of its extension.

    PNG and TIFF keep 16 bits, and floats with 16. `.npy` keeps floats. Other formats
    have 8.

    Args:
        path: The file.
        image: Array of shape (height, width, channels): uint8, uint16, or float32 in
            [0, 1].

    Raises:
        OSError: If it cannot be written.
    """
    extension, file = path.suffix.lower(), io.BytesIO()
    if extension == NPY:
        np.save(file, image)
    elif extension in TIFF:
        _write_tiff(file, _with_depth(image, 16))
    elif extension == ".png" and image.dtype != np.uint8:
        _write_png(file, _with_depth(image, 16))
    else:
        name, options = _BY_PILLOW[extension]
        picture = Image.fromarray(_band(_with_depth(image, 8)))
        picture.save(file, name, **options)
    atomic_write(path, file.getvalue())


def readable_images(
    paths: Sequence[pathlib.Path], flag: str, on_corrupt: str, channels: int
) -> list[pathlib.Path]:
    """The images that can be read. Each of the others is told in a line.

    Args:
        paths: Image files.
        flag: The command's flag that they come from, for errors.
        on_corrupt: "refuse" or "skip" those that cannot be read.
        channels: How many channels they shall have.

    Raises:
        ValueError: If an image cannot be read and is not to be skipped, or none can.
    """
    corrupt = _corrupt_images(paths, channels)
    for path, reason in corrupt.items():
        if on_corrupt == "refuse":
            raise ValueError(
                f"`{flag}` has {len(corrupt)} corrupt image(s), the first is {path} "
                f"({reason}); remove it or pass --on_corrupt=skip"
            )
        print(f"Skipping the corrupt image {path} ({reason}).", file=sys.stderr)
    readable = [path for path in paths if path not in corrupt]
    if not readable:
        raise ValueError(f"`{flag}` has no image that can be read")
    return readable


def _corrupt_images(paths, channels):
    """The images that cannot be read with so many channels, and why."""
    corrupt = {}
    for path in tqdm(paths, desc="Checking images", delay=2, leave=False):
        try:
            read_pixels(path, channels)
        except ValueError as error:
            corrupt[path] = str(error)
    return corrupt


def _with_depth(image, most):
    """The image with as many bits as it has, but no more than this."""
    if image.dtype == np.uint8:
        return image
    return from_levels(levels(image), "uint16" if most == 16 else "uint8")


def _band(image):
    """Without the axis of a single channel, which Pillow and TIFF know none of."""
    return image[..., 0] if image.shape[-1] == 1 else image


def _write_tiff(file, image):
    import tifffile

    is_rgb = image.shape[-1] == 3
    tifffile.imwrite(
        file,
        _band(image),
        photometric="rgb" if is_rgb else "minisblack",
        planarconfig=None if image.shape[-1] == 1 else "contig",
        metadata=None,
    )


def _write_png(file, image):
    """A PNG of 16 bits, which Pillow writes in grey only."""
    height, width, channels = image.shape
    colours = _PNG_COLOURS[channels]
    rows = np.zeros((height, 1 + 2 * width * channels), np.uint8)
    # The first byte of a row is its filter: none. High bytes come first.
    rows[:, 1:] = image.astype(">u2").reshape(height, -1).view(np.uint8)
    header = struct.pack(">IIBBBBB", width, height, 16, colours, 0, 0, 0)
    file.write(b"\x89PNG\r\n\x1a\n")
    putchunk(file, b"IHDR", header)
    putchunk(file, b"IDAT", zlib.compress(rows.tobytes()))
    putchunk(file, b"IEND")
