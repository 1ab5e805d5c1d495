"""Images in [-1, 1] and pixels in 0-255: the way from one to the other."""

from typing import Any

import numpy as np

# Grey levels of 255 in a difference of 1 between images in [-1, 1].
PIXELS_PER_UNIT = 127.5


def from_pixels(pixels: Any) -> Any:
    """Turns pixels in 0-255 into images in [-1, 1].

    Args:
        pixels: Numbers of any shape: a NumPy array, or a tensor of TensorFlow or Keras.
            float32 stays float32.
    """
    return pixels / PIXELS_PER_UNIT - 1.0


def to_pixels(images: Any) -> Any:
    """Turns images in [-1, 1] into pixels in 0-255, neither rounded nor clipped.

    Args:
        images: Floats of any shape, in the same forms. float32 stays float32.
    """
    return images * PIXELS_PER_UNIT + PIXELS_PER_UNIT


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Turns images in [-1, 1] into what is saved: rounded to uint8, clipped to 0-255.

    Args:
        images: Floats of any shape.
    """
    return np.rint(np.clip(to_pixels(images), 0, 255)).astype("uint8")
