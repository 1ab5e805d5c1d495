"""Images that the scales of whole numbers are measured on."""

import numpy as np


def representative_batches(images: np.ndarray, batch_size: int) -> np.ndarray:
    """Batches of the images, one of which uses all of [-1, 1].

    What the input can take is measured like all ranges. In darker images than these,
    pixels would be cut off.

    Args:
        images: `(count, height, width, channels)` in [-1, 1].
        batch_size: Images in each batch. The last one is filled up with the first.

    Returns:
        `(batches, batch_size, height, width, channels)`, float32.
    """
    images = images.astype("float32")
    lowest, highest = images.min((1, 2, 3)), images.max((1, 2, 3))
    most = np.argmax(highest - lowest)
    stretched = np.interp(images[most], (lowest[most], highest[most]), (-1, 1))
    images = np.concatenate([stretched[None].astype("float32"), images])
    count = -(-len(images) // batch_size) * batch_size
    return np.resize(images, (count, *images.shape[1:])).reshape(
        -1, batch_size, *images.shape[1:]
    )
