"""Images to evaluate on: as they are, in their own order."""

from typing import Any

import keras
import numpy as np

from crd_keras.data.framing import frame, frame_array
from crd_keras.data.loader import array_loader
from crd_keras.data.pipeline_choice import choose_pipeline
from crd_keras.data.prefetching import prefetch
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.data.validation import check_image_size
from crd_keras.utils.framing import check_framing
from crd_keras.utils.image_size import ImageSize
from crd_keras.utils.images import from_pixels
from crd_keras.utils.validation import check_at_least


def evaluation_batches(
    images: Images,
    image_size: ImageSize | None = 256,
    batch_size: int = 8,
    limit: int | None = None,
    pipeline: str | None = None,
    framing: str = "squash",
) -> Any:
    """Batches of images, for metrics that look at them and do not keep them.

    The images are neither cropped at random nor flipped, and come in their own order.

    Args:
        images: The images, such as `source.split("testA")`.
        image_size: Height and width of the images in pixels, divisible by 4, or one
            number for both. `None`: they are not resized, and must all have one size.
        batch_size: Images in a batch; the last one may have fewer.
        limit: How many images to take at most. Default: all.
        pipeline: What reads the images: "tf", "python", or `None`, as of
            `unpaired_dataset`.
        framing: How pictures of another shape become images of this size: "squash",
            "crop" or "pad", as of `unpaired_dataset`.

    Returns:
        Batches with known length, which can be gone through again: a `tf.data.Dataset`
        of float32 tensors of shape (batch, height, width, channels) in [-1, 1], or a
        `keras.utils.PyDataset` of such NumPy arrays.

    Raises:
        ImportError: If `pipeline` is "tf" and TensorFlow is not installed.
        ValueError: If `image_size` is not positive and divisible by 4, `batch_size` or
            `limit` is not positive, there is no such `pipeline` or `framing`, or it is
            "python" and the images can be loaded by TensorFlow only.
    """
    if image_size is not None:
        check_image_size(image_size)
    check_framing(framing)
    check_at_least(1, batch_size=batch_size)
    if limit is not None:
        check_at_least(1, limit=limit)

    images = Images(images.records[:limit], images.load)
    make = _tf_batches if choose_pipeline(pipeline) == "tf" else _ArrayBatches
    return make(images, image_size, batch_size, framing)


def evaluation_images(
    images: Images,
    image_size: ImageSize = 256,
    limit: int | None = None,
    pipeline: str | None = None,
    framing: str = "squash",
) -> np.ndarray:
    """All images in one array. See `evaluation_batches`.

    Returns:
        float32 array of shape (images, height, width, channels) in [-1, 1].
    """
    batches = evaluation_batches(
        images, image_size, limit=limit, pipeline=pipeline, framing=framing
    )
    return np.concatenate(list(map(np.asarray, batches)))


def _tf_batches(images, image_size, batch_size, framing):
    tf = import_tensorflow()
    with tf.device("CPU:0"):
        records = tf.constant(images.records)

    def load(index):
        image = images.tensor(records[index])
        if image_size is not None:
            image = frame(image, image_size, framing)
        return from_pixels(tf.cast(image, tf.float32))

    dataset = tf.data.Dataset.range(len(images))
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    return prefetch(dataset.batch(batch_size))


class _ArrayBatches(keras.utils.PyDataset):
    """What `_tf_batches` gives, by Pillow and NumPy."""

    def __init__(
        self,
        images: Images,
        image_size: ImageSize | None,
        batch_size: int,
        framing: str,
    ):
        super().__init__()
        self._records, self._load = images.records, array_loader(images.load)
        self._image_size, self._batch_size = image_size, batch_size
        self._framing = framing

    def __len__(self) -> int:
        return -(-len(self._records) // self._batch_size)

    def __getitem__(self, index: int) -> np.ndarray:
        start = range(len(self))[index] * self._batch_size
        records = self._records[start : start + self._batch_size]
        images = [self._image(record) for record in records]
        return from_pixels(np.stack(images).astype(np.float32))

    def _image(self, record):
        image = self._load(record)
        size = self._image_size
        return image if size is None else frame_array(image, size, self._framing)
