"""Pictures in frames of one size, by TensorFlow, or by Pillow and NumPy.

Where what comes to lie says `crd_keras.utils.framing.place_picture`.
"""

from typing import Any

import numpy as np
from PIL import Image

from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.framing import BACKGROUND, Box, place_picture, shape_in
from crd_keras.utils.image_size import ImageSize, image_sides


def frame(image: Any, image_size: ImageSize, framing: str = "squash") -> Any:
    """Fits an image into a frame, in a tf.data graph.

    Args:
        image: uint8 tensor of shape (height, width, channels).
        image_size: Height and width of the frame in pixels.
        framing: How; see `place_picture`. Beside padded images the frame is white.

    Returns:
        float32 tensor of shape (height, width, channels) of the frame, with whole
        numbers from 0 to 255.
    """
    if framing == "squash":
        return _resize(image, image_sides(image_size))
    tf = import_tensorflow()
    sides = image_sides(image_size)

    def placement(shape):
        return np.array(place_picture(framing, tuple(shape.tolist()), sides), np.int32)

    boxes = tf.numpy_function(
        placement, [tf.shape(image)[:2]], tf.int32, stateful=False
    )
    part, place = tf.unstack(tf.ensure_shape(boxes, (2, 4)))
    top, left, height, width = tf.unstack(part)
    image = image[top : top + height, left : left + width]
    top, left, height, width = tf.unstack(place)
    image = _resize(image, (height, width))
    border = [
        (top, sides[0] - top - height),
        (left, sides[1] - left - width),
        (0, 0),
    ]
    image = tf.pad(image, border, constant_values=BACKGROUND)
    return tf.ensure_shape(image, (*sides, image.shape[-1]))


def frame_array(
    image: np.ndarray, image_size: ImageSize, framing: str = "squash"
) -> np.ndarray:
    """Fits an image into a frame. `frame` agrees to one grey level.

    Args:
        image: Array of shape (height, width, channels), uint8, or float32 in 0-255.
        image_size: Height and width of the frame in pixels.
        framing: As for `frame`.

    Returns:
        Array of the same kind, as large as the frame.
    """
    sides = image_sides(image_size)
    part, place = place_picture(framing, image.shape[:2], sides)
    shown = resize_array(cut(image, part), (place.height, place.width))
    if place == Box(0, 0, *sides):
        return shown
    framed = np.full((*sides, image.shape[-1]), BACKGROUND, image.dtype)
    cut(framed, place)[:] = shown
    return framed


def unframe_array(
    image: np.ndarray, picture: tuple[int, int], framing: str
) -> np.ndarray:
    """Gives the translation of a framed picture the picture's own shape.

    Nothing is enlarged. Of a padded picture the border is cut off, a squashed one is
    resized to the largest size of its shape that fits into the frame, and of a cropped
    one it is the middle.

    Args:
        image: The translation, an array of shape (height, width, channels), uint8, or
            float32 in 0-255.
        picture: Height and width of the picture before it was framed.
        framing: As for `frame`.

    Returns:
        Array of the same kind.
    """
    frame_size = image.shape[:2]
    if framing == "squash":
        return resize_array(image, shape_in(picture, frame_size))
    return cut(image, place_picture(framing, picture, frame_size).place)


def cut(image: np.ndarray, box: Box) -> np.ndarray:
    """A part of an image, as a view."""
    return image[box.top : box.top + box.height, box.left : box.left + box.width]


def resize_array(image: np.ndarray, image_size: ImageSize) -> np.ndarray:
    """Resizes by Pillow: bicubic, antialiased. TensorFlow agrees to one grey level.

    Args:
        image: Array of shape (height, width, channels), uint8, or float32 in 0-255.
        image_size: Height and width of the result in pixels.

    Returns:
        Array of the same kind.
    """
    height, width = image_sides(image_size)
    if image.shape[:2] == (height, width):
        return image

    def resized(band):
        picture = Image.fromarray(band)
        return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))

    if image.dtype == np.uint8 and image.shape[-1] == 3:
        return resized(image)
    # Pillow knows no other pictures of several channels.
    bands = [resized(np.ascontiguousarray(x)) for x in np.moveaxis(image, -1, 0)]
    return np.stack(bands, axis=-1).clip(0, 255)


def _resize(image, size):
    """Resizes a tensor as Pillow does: bicubic, antialiased, whole grey levels."""
    tf = import_tensorflow()
    channels = image.shape[-1]
    image = tf.image.resize(image, size, method="bicubic", antialias=True)
    image = tf.clip_by_value(tf.round(image), 0.0, 255.0)
    static = [side if isinstance(side, int) else None for side in size]
    return tf.ensure_shape(image, (*static, channels))
