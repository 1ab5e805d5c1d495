"""What a network computes, for losses."""

import keras
from keras import KerasTensor, ops


def float32_output(
    network: keras.Model, images: KerasTensor, training: bool = True
) -> KerasTensor:
    """A network's output in float32, also where it computes in another precision.

    This project's networks end in float32 by themselves; anyone else's may not.

    Args:
        network: A generator or discriminator.
        images: `(batch, height, width, channels)`.
        training: As for the network.
    """
    return ops.cast(network(images, training=training), "float32")
