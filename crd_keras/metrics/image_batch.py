"""Checked batches of images."""

import numpy as np

from crd_keras.utils.validation import check_image_range


def checked_batch(
    images: np.ndarray, shape: tuple[int, int, int] | None, argument: str = "images"
) -> np.ndarray:
    """Returns images as float32, or says what is wrong with them.

    Args:
        images: `(batch, height, width, channels)` in [-1, 1].
        shape: The height, width and channels of the batches before, or `None`.
        argument: What to call the images in an error.

    Raises:
        ValueError: If the images are not of that form, not finite, or not of that
            shape.
    """
    images = np.asarray(images, dtype="float32")
    if images.ndim != 4 or 0 in images.shape:
        raise ValueError(
            f"`{argument}` must be a batch of at least one image of shape "
            f"(batch, height, width, channels). Received: shape {images.shape}"
        )
    if shape is not None and images.shape[1:] != shape:
        raise ValueError(
            f"`{argument}` must have the height, width and channels of the images "
            f"before them, {shape}. Received: {images.shape[1:]}"
        )
    if not np.isfinite(images).all():
        count = int((~np.isfinite(images)).sum())
        raise ValueError(
            f"`{argument}` must be finite. Received: {count} values that are not"
        )
    check_image_range(images.min(), images.max(), argument)
    return images
