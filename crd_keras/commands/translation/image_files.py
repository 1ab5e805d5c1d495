"""Image files, read and written with Pillow."""

import io
import pathlib
import sys
from collections.abc import Sequence

import numpy as np
from PIL import Image
from tqdm import tqdm

from crd_keras.data.image_files import EXTENSIONS as EXTENSIONS
from crd_keras.utils.files import atomic_write
from crd_keras.utils.pictures import load_picture

# File name extension to Pillow's format and its options.
FORMATS = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "bmp": ("BMP", {}),
}


def is_image(path: pathlib.Path) -> bool:
    return path.suffix.lower() in EXTENSIONS


def images_of(folder: pathlib.Path) -> list[pathlib.Path]:
    """The image files of a folder by name, without those of its subfolders."""
    return sorted(
        path for path in folder.iterdir() if is_image(path) and path.is_file()
    )


def read_rgb(path: pathlib.Path) -> np.ndarray:
    """Reads one image: upright, grey as RGB, without transparency.

    Returns:
        uint8 array `(height, width, 3)`.

    Raises:
        ValueError: See `crd_keras.utils.pictures.open_picture`.
    """
    upright = load_picture(path)
    if upright.mode.startswith("I"):
        # Grey with 16 bits, which Pillow would cut off at 255.
        grey = np.asarray(upright).astype("float32") / 257
        upright = Image.fromarray(np.rint(grey.clip(0, 255)).astype("uint8"))
    return np.asarray(upright.convert("RGB"))


def write(path: pathlib.Path, image: np.ndarray) -> None:
    """Writes a uint8 image `(height, width, 3)` in the format of its extension."""
    content = io.BytesIO()
    name, options = FORMATS[path.suffix.lower().removeprefix(".")]
    Image.fromarray(image).save(content, name, **options)
    atomic_write(path, content.getvalue())


def readable_images(
    paths: Sequence[pathlib.Path], flag: str, on_corrupt: str
) -> list[pathlib.Path]:
    """The images that can be read. Each of the others is told in a line.

    Args:
        paths: Image files.
        flag: The command's flag that they come from, for errors.
        on_corrupt: "refuse" or "skip" those that cannot be read.

    Raises:
        ValueError: If an image cannot be read and is not to be skipped, or none can.
    """
    corrupt = _corrupt_images(paths)
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


def _corrupt_images(paths):
    """The images that cannot be read, and why."""
    corrupt = {}
    for path in tqdm(paths, desc="Checking images", delay=2, leave=False):
        try:
            read_rgb(path)
        except ValueError as error:
            corrupt[path] = str(error)
    return corrupt
