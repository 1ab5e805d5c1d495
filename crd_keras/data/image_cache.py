"""A memory of images, for pipelines that need each of them again and again."""

import math
from collections.abc import Callable
from typing import Any

from crd_keras.data.tensorflow_import import import_tensorflow


class ImageCache:
    """Keeps the first images of a series in memory, as many as there is room for.

    An image gets there when it is asked for. The others are made anew each time.
    (`tf.data.Dataset.cache` keeps a series in its order; here every pass has its own.)

    Args:
        count: How many images there are.
        shape: That of each image, `(height, width, channels)`.
        mebibytes: How much memory the images may take, in MiB. 0 keeps none.
    """

    def __init__(self, count: int, shape: tuple[int, ...], mebibytes: float):
        tf = import_tensorflow()
        self.capacity = min(count, int(mebibytes * 2**20) // math.prod(shape))
        with tf.device("CPU:0"):
            self._images, self._is_kept = (
                tf.Variable(tf.zeros((self.capacity, *shape), dtype), trainable=False)
                for shape, dtype in ((shape, tf.uint8), ((), tf.bool))
            )

    def get(self, index: Any, make: Callable[[], Any]) -> Any:
        """Image `index` of the series, inside a tf.data graph.

        Args:
            index: An int64 scalar.
            make: Makes the image, a uint8 tensor; always the same one.
        """
        tf = import_tensorflow()
        if not self.capacity:
            return make()

        def make_and_keep():
            image = make()
            kept = self._images.scatter_nd_update([[index]], image[None])
            with tf.control_dependencies([kept]):
                self._is_kept.scatter_nd_update([[index]], [True])
            return image

        def kept_or_made():
            return tf.cond(
                self._is_kept.sparse_read(index),
                lambda: self._images.sparse_read(index),
                make_and_keep,
            )

        return tf.cond(index < self.capacity, kept_or_made, make)
