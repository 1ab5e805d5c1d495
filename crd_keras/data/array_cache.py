"""A memory of images for the pipeline without TensorFlow."""

import math
import mmap
from collections.abc import Callable

import numpy as np


class ArrayCache:
    """Keeps the first images of a series in memory, as many as there is room for.

    What `crd_keras.data.image_cache.ImageCache` is to a tf.data graph. Threads may
    share it, and processes that are forked from this one.

    Args:
        count: How many images there are.
        shape: That of each image, `(height, width, channels)`.
        mebibytes: How much memory the images may take, in MiB. 0 keeps none.
    """

    def __init__(self, count: int, shape: tuple[int, ...], mebibytes: float):
        self.capacity = min(count, int(mebibytes * 2**20) // math.prod(shape))
        self._images = _shared((self.capacity, *shape))
        self._is_kept = _shared((self.capacity,))

    def get(self, index: int, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Image `index` of the series.

        Args:
            index: Its number, counted from 0.
            make: Makes the image, a uint8 array; always the same one.
        """
        if index >= self.capacity:
            return make()
        if not self._is_kept[index]:
            self._images[index] = make()
            # Last: whoever sees it finds the whole image.
            self._is_kept[index] = 1
        return self._images[index]


def _shared(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros of uint8, which take no memory before they are written to."""
    size = math.prod(shape)
    # At least a byte: there is no empty piece of memory.
    memory = mmap.mmap(-1, max(size, 1))
    return np.frombuffer(memory, np.uint8, size).reshape(shape)
