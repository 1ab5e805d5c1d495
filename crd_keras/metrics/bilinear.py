"""Resizing as pytorch-fid does it."""

import numpy as np


def resize_bilinear(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes images like `torch.nn.functional.interpolate(mode="bilinear")`.

    Each pixel is a mean of four, also when an image is made smaller: there is no
    antialiasing. Centres of pixels are at half coordinates (`align_corners=False`).

    `keras.ops.image.resize` means the same, but on TensorFlow its results differ by
    some 1e-5 of the range, and on JAX each size of images would be compiled anew.

    Args:
        images: `(batch, height, width, channels)`, float32.
        height: The new height.
        width: The new width.

    Returns:
        `(batch, height, width, channels)`, float32. Equal to PyTorch's (on a CPU)
        but for the last digit.
    """
    for axis, size in ((1, height), (2, width)):
        low, high, fraction = _neighbours(images.shape[axis], size)
        fraction = fraction.reshape((-1,) + (1,) * (3 - axis))
        first = images.take(low, axis)
        images = images.take(high, axis)
        # first + (second - first) * fraction, in the memory that is there
        images -= first
        images *= fraction
        images += first
    return images


def _neighbours(old: int, new: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per new pixel the two old ones around it, and how far it is from the first."""
    # Rounded where PyTorch's compiled code rounds: the ratio, and the position after
    # a fused multiplication and addition.
    ratio = np.float64(np.float32(old) / np.float32(new))
    position = (ratio * (np.arange(new) + 0.5) - 0.5).astype("float32").clip(0)
    low = np.minimum(position.astype("int64"), old - 1)
    high = np.minimum(low + 1, old - 1)
    return low, high, position - low.astype("float32")
