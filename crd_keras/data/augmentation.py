"""The paper's data augmentation, without hidden state.

Images are resized to 286/256 of the size (`enlarge`, the same each time), cropped at
random, and every second one is flipped (`crop_and_flip`).
"""

from typing import Any

from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.images import from_pixels


def enlarged_size(image_size: int) -> int:
    """The size of images before they are cropped, in pixels."""
    return round(image_size * 286 / 256)


def enlarge(image: Any, image_size: int) -> Any:
    """Resizes an image to what crops are taken from.

    Args:
        image: uint8 tensor of shape (height, width, 3).
        image_size: Height and width of the crops in pixels.

    Returns:
        uint8 tensor of shape (size, size, 3) with `size = enlarged_size(image_size)`.
    """
    tf = import_tensorflow()
    return tf.cast(resize_bicubic(image, enlarged_size(image_size)), tf.uint8)


def crop_and_flip(image: Any, image_size: int, seed: Any) -> Any:
    """Crops an image at random and flips it with a chance of one half.

    A pure function: the same seed is the same crop and flip, so that a resumed
    training sees what an uninterrupted one would.

    Args:
        image: The result of `enlarge`.
        image_size: As for `enlarge`.
        seed: Two integers, a tensor of shape (2,).

    Returns:
        float32 tensor of shape (image_size, image_size, 3) in [-1, 1].
    """
    tf = import_tensorflow()
    draws = tf.random.stateless_uniform((3,), seed, alg="philox")
    # Clipped: float32 may round the product up to the number of places.
    margin = enlarged_size(image_size) - image_size
    places = tf.cast(draws[:2] * (margin + 1), tf.int32)
    top, left = tf.unstack(tf.minimum(places, margin))
    image = tf.image.crop_to_bounding_box(image, top, left, image_size, image_size)
    image = tf.cond(draws[2] < 0.5, lambda: tf.reverse(image, [1]), lambda: image)
    return from_pixels(tf.cast(image, tf.float32))


def resize_bicubic(image: Any, size: int) -> Any:
    """Resizes to a square as Pillow does: bicubic, antialiased, whole grey levels.

    Args:
        image: uint8 tensor of shape (height, width, 3).
        size: Height and width of the result in pixels.

    Returns:
        float32 tensor of shape (size, size, 3) with whole numbers from 0 to 255.
    """
    tf = import_tensorflow()
    image = tf.image.resize(image, (size, size), method="bicubic", antialias=True)
    image = tf.clip_by_value(tf.round(image), 0.0, 255.0)
    return tf.ensure_shape(image, (size, size, 3))
