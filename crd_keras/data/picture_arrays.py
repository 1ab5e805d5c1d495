"""Encoded images (JPEG, PNG, BMP, GIF) as arrays, decoded by Pillow.

They are what `crd_keras.data.decoding` makes of them with TensorFlow: stored as they
are, whatever they say of how they are to be turned.
"""

import io
import os

import numpy as np
from PIL import Image

from crd_keras.utils.pictures import load_picture


def decode_array(encoded: bytes) -> np.ndarray:
    """Decodes one image; grey images become RGB, transparency is dropped.

    Args:
        encoded: The content of a file.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        OSError: If the image is corrupt or truncated.
    """
    with Image.open(io.BytesIO(encoded)) as picture:
        return _rgb(picture)


def read_array(path: str | os.PathLike) -> np.ndarray:
    """Reads one image file. See `decode_array`.

    Raises:
        ValueError: If the image is corrupt or truncated.
    """
    return _rgb(load_picture(path, upright=False))


def decode_left_array(encoded: bytes) -> np.ndarray:
    """Decodes the left one of two pictures side by side. See `decode_array`."""
    return halves(decode_array(encoded))[0]


def decode_right_array(encoded: bytes) -> np.ndarray:
    """Decodes the right one of two pictures side by side. See `decode_array`."""
    return halves(decode_array(encoded))[1]


def read_left_array(path: str | os.PathLike) -> np.ndarray:
    """Reads the left one of two pictures side by side. See `read_array`."""
    return halves(read_array(path))[0]


def read_right_array(path: str | os.PathLike) -> np.ndarray:
    """Reads the right one of two pictures side by side. See `read_array`."""
    return halves(read_array(path))[1]


def _rgb(picture):
    if picture.mode.startswith("I"):
        # Grey levels of 16 bits, which Pillow would clip at 255.
        grey = (np.asarray(picture) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=-1)
    return np.asarray(picture.convert("RGB"))


def halves(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The left and the right one of two pictures side by side."""
    middle = image.shape[1] // 2
    return image[:, :middle], image[:, middle:]
