"""What a training image is: the paper's data augmentation, without hidden state.

Images are resized to 286/256 of the size (`enlarge`, the same each time), cropped at
random, and every second one is flipped (`crop_and_flip`).

Both pipelines do it, one with TensorFlow and one with Pillow and NumPy
(`enlarge_array`, `crop_and_flip_arrays`). Crops and flips are the same, and bicubic
resizing agrees to a grey level.
"""

from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from crd_keras.data.philox import uniform
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.images import from_pixels

# Of an image's three draws in [0, 1): the crop's top, its left, and the flip.
_DRAWS = 3
_FLIPPED_BELOW = 0.5


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


def enlarge_array(image: np.ndarray, image_size: int) -> np.ndarray:
    """Does to a NumPy array what `enlarge` does to a tensor, to one grey level."""
    return resize_array(image, enlarged_size(image_size))


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
    draws = tf.random.stateless_uniform((_DRAWS,), seed, alg="philox")
    # Clipped: float32 may round the product up to the number of places.
    margin = enlarged_size(image_size) - image_size
    places = tf.cast(draws[:2] * (margin + 1), tf.int32)
    top, left = tf.unstack(tf.minimum(places, margin))
    image = tf.image.crop_to_bounding_box(image, top, left, image_size, image_size)
    image = tf.cond(
        draws[2] < _FLIPPED_BELOW, lambda: tf.reverse(image, [1]), lambda: image
    )
    return from_pixels(tf.cast(image, tf.float32))


class Crops(NamedTuple):
    """Where images are cropped, and which are flipped.

    Attributes:
        places: Top and left of each crop in pixels, int32 of shape (images, 2).
        is_flipped: bool of shape (images,).
    """

    places: np.ndarray
    is_flipped: np.ndarray


def draw_crops(seeds: np.ndarray, image_size: int) -> Crops:
    """Draws what `crop_and_flip` draws with the same seeds.

    Args:
        seeds: int64 array of shape (images, 2).
        image_size: As for `enlarge`.
    """
    draws = uniform(seeds, _DRAWS)
    margin = enlarged_size(image_size) - image_size
    places = (draws[:, :2] * np.float32(margin + 1)).astype(np.int32)
    return Crops(np.minimum(places, margin), draws[:, 2] < _FLIPPED_BELOW)


def crop_and_flip_arrays(
    images: list[np.ndarray], image_size: int, crops: Crops
) -> np.ndarray:
    """Does to NumPy arrays what `crop_and_flip` does to a tensor.

    Args:
        images: Results of `enlarge_array`.
        image_size: As for `enlarge`.
        crops: Those of the images.

    Returns:
        float32 array of shape (images, image_size, image_size, 3) in [-1, 1].
    """
    cropped = np.empty((len(images), image_size, image_size, 3), np.float32)
    for result, image, (top, left), is_flipped in zip(
        cropped, images, crops.places.tolist(), crops.is_flipped, strict=True
    ):
        crop = image[top : top + image_size, left : left + image_size]
        result[:] = crop[:, ::-1] if is_flipped else crop
    return from_pixels(cropped)


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


def resize_array(image: np.ndarray, size: int) -> np.ndarray:
    """Resizes to a square by Pillow. `resize_bicubic` agrees to one grey level.

    Args:
        image: uint8 array of shape (height, width, 3).
        size: Height and width of the result in pixels.

    Returns:
        uint8 array of shape (size, size, 3).
    """
    picture = Image.fromarray(image)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC))
