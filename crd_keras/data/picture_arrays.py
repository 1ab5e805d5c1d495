"""Encoded images (JPEG, PNG, BMP, GIF) as arrays, decoded by Pillow.

They are what `crd_keras.data.decoding` makes of them with TensorFlow: stored as they
are, whatever they say of how they are to be turned.
"""

import io
import os
from typing import Any

import numpy as np
from PIL import Image

from crd_keras.data.tensorflow_import import import_tensorflow
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


def _rgb(picture):
    if picture.mode.startswith("I"):
        # Grey levels of 16 bits, which Pillow would clip at 255.
        grey = (np.asarray(picture) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=-1)
    return np.asarray(picture.convert("RGB"))


def halves(image: Any) -> tuple[Any, Any]:
    """The left and the right one of two pictures side by side.

    Args:
        image: Array or tensor of shape (height, width, channels).
    """
    width = image.shape[1]
    if width is None:  # Not known before a tf.data graph runs.
        width = import_tensorflow().shape(image)[1]
    middle = width // 2
    return image[:, :middle], image[:, middle:]
