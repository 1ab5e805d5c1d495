"""Encoded images (JPEG, PNG, BMP) as tensors."""

from typing import Any

from crd_keras.data.tensorflow_import import import_tensorflow


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


def read_rgb(path: Any) -> Any:
    """Reads one image file. See `decode_rgb`.

    Args:
        path: A string tensor.
    """
    return decode_rgb(import_tensorflow().io.read_file(path))
