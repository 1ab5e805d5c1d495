"""Encoded images (JPEG, PNG, BMP) as tensors.

The functions' names as loaders are those of version 0.1.0, whose caches stay valid.
"""

from typing import Any

from crd_keras.data.loader_name import named_loader
from crd_keras.data.tensorflow_import import import_tensorflow


@named_loader("crd_keras.data.decoding.decode_rgb")
def decode_rgb(encoded: Any) -> Any:
    """Decodes one image; grey images become RGB, transparency is dropped.

    Args:
        encoded: The content of a JPEG, PNG or BMP file, a string tensor.

    Returns:
        uint8 tensor of shape (height, width, 3).

    Raises:
        tf.errors.InvalidArgumentError: If the image is corrupt or truncated.
    """
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


@named_loader("crd_keras.data.decoding.read_rgb")
def read_rgb(path: Any) -> Any:
    """Reads one image file. See `decode_rgb`.

    Args:
        path: A string tensor.
    """
    return decode_rgb(import_tensorflow().io.read_file(path))


@named_loader("crd_keras.data.decoding.decode_left_half")
def decode_left_half(encoded: Any) -> Any:
    """Decodes the left one of two pictures side by side. See `decode_rgb`."""
    return _halves(decode_rgb(encoded))[0]


@named_loader("crd_keras.data.decoding.decode_right_half")
def decode_right_half(encoded: Any) -> Any:
    """Decodes the right one of two pictures side by side. See `decode_rgb`."""
    return _halves(decode_rgb(encoded))[1]


@named_loader("crd_keras.data.decoding.read_left_half")
def read_left_half(path: Any) -> Any:
    """Reads the left one of two pictures side by side. See `read_rgb`."""
    return _halves(read_rgb(path))[0]


@named_loader("crd_keras.data.decoding.read_right_half")
def read_right_half(path: Any) -> Any:
    """Reads the right one of two pictures side by side. See `read_rgb`."""
    return _halves(read_rgb(path))[1]


def _halves(image):
    middle = import_tensorflow().shape(image)[1] // 2
    return image[:, :middle], image[:, middle:]
