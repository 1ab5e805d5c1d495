"""What a training image is: the paper's data augmentation, without hidden state.

Images are fitted into a frame of 286/256 of the size (`enlarge`, the same each time),
cropped at random, and every second one is flipped (`crop_and_flip`).

Both pipelines do it, one with TensorFlow and one with Pillow and NumPy
(`enlarge_array`, `crop_and_flip_arrays`). Crops and flips are the same, and bicubic
resizing agrees to a grey level.
"""

from typing import Any, NamedTuple

import numpy as np

from crd_keras.data.framing import frame, frame_array
from crd_keras.data.philox import uniform
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.image_size import ImageSize, image_sides
from crd_keras.utils.images import from_pixels

# Of an image's three draws in [0, 1): the crop's top, its left, and the flip.
_DRAWS = 3
_FLIPPED_BELOW = 0.5


def enlarged_size(image_size: ImageSize) -> tuple[int, int]:
    """Height and width of images before they are cropped, in pixels."""
    height, width = (round(side * 286 / 256) for side in image_sides(image_size))
    return height, width


def enlarge(image: Any, image_size: ImageSize, framing: str = "squash") -> Any:
    """Resizes an image to what crops are taken from.

    Args:
        image: uint8 tensor of shape (height, width, channels).
        image_size: Height and width of the crops in pixels, or one number for both.
        framing: How images of another shape fit in; see
            `crd_keras.utils.framing.place_picture`.

    Returns:
        uint8 tensor of shape (*enlarged_size(image_size), channels).
    """
    tf = import_tensorflow()
    return tf.cast(frame(image, enlarged_size(image_size), framing), tf.uint8)


def enlarge_array(
    image: np.ndarray, image_size: ImageSize, framing: str = "squash"
) -> np.ndarray:
    """Does to a NumPy array what `enlarge` does to a tensor, to one grey level."""
    return frame_array(image, enlarged_size(image_size), framing)


def crop_and_flip(image: Any, image_size: ImageSize, seed: Any) -> Any:
    """Crops an image at random and flips it with a chance of one half.

    A pure function: the same seed is the same crop and flip, so that a resumed
    training sees what an uninterrupted one would.

    Args:
        image: The result of `enlarge`.
        image_size: As for `enlarge`.
        seed: Two integers, a tensor of shape (2,).

    Returns:
        float32 tensor of shape (height, width, channels) in [-1, 1].
    """
    tf = import_tensorflow()
    height, width = image_sides(image_size)
    draws = tf.random.stateless_uniform((_DRAWS,), seed, alg="philox")
    # Clipped: float32 may round the product up to the number of places.
    margins = _margins(image_size)
    places = tf.cast(draws[:2] * (margins + 1).astype(np.float32), tf.int32)
    top, left = tf.unstack(tf.minimum(places, margins))
    image = tf.image.crop_to_bounding_box(image, top, left, height, width)
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


def draw_crops(seeds: np.ndarray, image_size: ImageSize) -> Crops:
    """Draws what `crop_and_flip` draws with the same seeds.

    Args:
        seeds: int64 array of shape (images, 2).
        image_size: As for `enlarge`.
    """
    draws = uniform(seeds, _DRAWS)
    margins = _margins(image_size)
    places = (draws[:, :2] * (margins + 1).astype(np.float32)).astype(np.int32)
    return Crops(np.minimum(places, margins), draws[:, 2] < _FLIPPED_BELOW)


def crop_and_flip_arrays(
    images: list[np.ndarray], image_size: ImageSize, crops: Crops
) -> np.ndarray:
    """Does to NumPy arrays what `crop_and_flip` does to a tensor.

    Args:
        images: Results of `enlarge_array`.
        image_size: As for `enlarge`.
        crops: Those of the images.

    Returns:
        float32 array of shape (images, height, width, channels) in [-1, 1].
    """
    height, width = image_sides(image_size)
    cropped = np.empty((len(images), height, width, images[0].shape[-1]), np.float32)
    for result, image, (top, left), is_flipped in zip(
        cropped, images, crops.places.tolist(), crops.is_flipped, strict=True
    ):
        crop = image[top : top + height, left : left + width]
        result[:] = crop[:, ::-1] if is_flipped else crop
    return from_pixels(cropped)


def _margins(image_size):
    """How many pixels lower, and how many further to the right, a crop may lie."""
    return np.subtract(
        enlarged_size(image_size), image_sides(image_size), dtype="int32"
    )
