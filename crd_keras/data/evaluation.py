"""Images to evaluate on: as they are, in their own order."""

from typing import Any

import numpy as np

from crd_keras.data.augmentation import resize_bicubic
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.data.validation import check_image_size
from crd_keras.utils.images import from_pixels
from crd_keras.utils.validation import check_at_least


def evaluation_batches(
    images: Images,
    image_size: int | None = 256,
    batch_size: int = 8,
    limit: int | None = None,
) -> Any:
    """Batches of images, for metrics that look at them and do not keep them.

    The images are resized as a whole to a square, neither cropped nor flipped, and
    come in their own order.

    Args:
        images: The images, such as `source.split("testA")`.
        image_size: Height and width of the images in pixels, divisible by 4. `None`:
            they are not resized, and must all have one size.
        batch_size: Images in a batch; the last one may have fewer.
        limit: How many images to take at most. Default: all.

    Returns:
        A `tf.data.Dataset` of float32 tensors of shape (batch, height, width, 3) in
        [-1, 1]. It can be gone through again.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If `image_size` is not positive and divisible by 4, or `batch_size`
            or `limit` is not positive.
    """
    if image_size is not None:
        check_image_size(image_size)
    check_at_least(1, batch_size=batch_size)
    if limit is not None:
        check_at_least(1, limit=limit)

    tf = import_tensorflow()
    with tf.device("CPU:0"):
        records = tf.constant(images.records[:limit])

    def load(index):
        image = images.load(records[index])
        if image_size is not None:
            image = resize_bicubic(image, image_size)
        return from_pixels(tf.cast(image, tf.float32))

    dataset = tf.data.Dataset.range(len(images.records[:limit]))
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def evaluation_images(
    images: Images, image_size: int = 256, limit: int | None = None
) -> np.ndarray:
    """All images in one array. See `evaluation_batches`.

    Returns:
        float32 array of shape (images, image_size, image_size, 3) in [-1, 1].
    """
    batches = evaluation_batches(images, image_size, limit=limit)
    return np.concatenate(list(batches.as_numpy_iterator()))
