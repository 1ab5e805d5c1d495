"""Images in [-1, 1] and pixels in 0-255: the way from one to the other."""

from typing import Any

import numpy as np

# Grey levels of 255 in a difference of 1 between images in [-1, 1].
PIXELS_PER_UNIT = 127.5

# Of 65,535 levels so many are one of 255.
_LEVEL_OF_16_BITS = 257


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


def levels(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any depth on the scale of 8 bits, without loss.

    Args:
        pixels: uint8, uint16, or floats in [0, 1].

    Returns:
        uint8 as it is, the others as float32 in 0-255: of 16 bits all are told apart.
    """
    if pixels.dtype == np.uint8:
        return pixels
    scale = 1 / _LEVEL_OF_16_BITS if pixels.dtype == np.uint16 else 255.0
    return pixels.astype("float32") * np.float32(scale)


def from_levels(grey_levels: np.ndarray, dtype: str | np.dtype) -> np.ndarray:
    """The way back from `levels`, clipped and rounded.

    Args:
        grey_levels: uint8, or floats in 0-255.
        dtype: "uint8", "uint16", or a float one, which is in [0, 1].
    """
    if grey_levels.dtype == np.uint8 == np.dtype(dtype):
        return grey_levels
    clipped = np.clip(grey_levels, 0, 255)
    if np.dtype(dtype) == np.uint8:
        return np.rint(clipped).astype(dtype)
    if np.dtype(dtype) == np.uint16:
        return np.rint(clipped * np.float32(_LEVEL_OF_16_BITS)).astype(dtype)
    return (clipped / 255).astype(dtype)
