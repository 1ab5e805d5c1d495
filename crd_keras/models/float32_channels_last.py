"""Networks that measure, whatever the settings of those that train."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def float32_channels_last() -> Iterator[None]:
    """Builds networks in float32 and `channels_last`, and restores Keras' settings.

    Under mixed precision a measuring network would give other numbers than the one
    that published results come from.
    """
    policy = keras.config.dtype_policy()
    data_format = keras.config.image_data_format()
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        keras.config.set_image_data_format(data_format)
