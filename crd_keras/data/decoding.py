"""Picture files made into pixels, by TensorFlow or by Pillow and NumPy.

The loaders' names are those of version 0.1.0, whose caches stay valid.
"""

import functools
import os
from typing import Any

import numpy as np

from crd_keras.data.loader import Loader
from crd_keras.data.picture_arrays import decode_array, halves, read_array
from crd_keras.data.pixels import read_pixels, to_8_bits
from crd_keras.data.tensorflow_import import import_tensorflow


def _decoded(encoded: Any) -> Any:
    """Decodes one image; grey images become RGB, transparency is dropped."""
    tf = import_tensorflow()

    def decode_jpeg():
        # As exactly as Pillow; the default is up to 8 grey levels off.
        return tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")

    def decode_other():
        # Asking the decoder for 3 channels would fail for BMPs with another number.
        image = tf.io.decode_image(encoded, channels=0, expand_animations=False)
        has_colour = tf.shape(image)[-1] >= 3
        return tf.gather(image, tf.where(has_colour, [0, 1, 2], [0, 0, 0]), axis=-1)

    image = tf.cond(tf.io.is_jpeg(encoded), decode_jpeg, decode_other)
    return tf.ensure_shape(image, (None, None, 3))


@functools.cache
def read_picture(channels: int = 3, half: str | None = None) -> Loader:
    """Of the path of a file of any format, as `crd_keras.data.pixels` reads it.

    Args:
        channels: How many channels the images have.
        half: "left" or "right" of two pictures side by side. `None`: the whole one.
    """

    def array(path):
        pixels = to_8_bits(read_pixels(path, channels))
        if half is None:
            return pixels
        left, right = halves(pixels)
        return left if half == "left" else right

    def tensor(path):
        def decoded(name):
            # Outside of graphs TensorFlow hands over an array of no dimensions.
            path = os.fsdecode(np.asarray(name).item())
            return np.ascontiguousarray(array(path))

        tf = import_tensorflow()
        image = tf.numpy_function(decoded, [path], tf.uint8, stateful=False)
        return tf.ensure_shape(image, (None, None, channels))

    name = f"read_picture, {half or 'whole'}, {channels} channel(s)"
    return Loader(f"crd_keras.data.decoding.{name}", tensor, array, channels)


def _read(path):
    return _decoded(import_tensorflow().io.read_file(path))


def _loader(name, tensor, array):
    return Loader(f"crd_keras.data.decoding.{name}", tensor, array)


def _half(name, whole, side):
    """A loader of one of two pictures side by side. `side`: 0 is left, 1 right."""
    return _loader(
        name,
        lambda record: halves(whole.tensor(record))[side],
        lambda record: halves(whole.array(record))[side],
    )


decode_rgb = _loader("decode_rgb", _decoded, decode_array)
"""Of the content of a file, a bytes object or a string tensor."""

decode_left_half = _half("decode_left_half", decode_rgb, 0)
"""The same of the left one of two pictures side by side."""

decode_right_half = _half("decode_right_half", decode_rgb, 1)
"""The same of the right one."""

read_rgb = _loader("read_rgb", _read, read_array)
"""Of the path of a file."""

read_left_half = _half("read_left_half", read_rgb, 0)
"""The same of the left one of two pictures side by side."""

read_right_half = _half("read_right_half", read_rgb, 1)
"""The same of the right one."""
