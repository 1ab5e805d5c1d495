"""What goes into layers of a model, image by image."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np


def layer_inputs(
    model: keras.Model, layers: Sequence[keras.layers.Layer], images: np.ndarray
) -> Iterator[list[np.ndarray]]:
    """Runs a model on one image after the other, and takes what goes into some layers.

    Args:
        model: A functional model, channels last.
        layers: Layers of it, at least one, each used once.
        images: `(count, height, width, channels)` in [-1, 1].

    Yields:
        For each image what goes into each layer, `(1, height, width, channels)`.
    """
    probe = keras.Model(model.input, [layer.input for layer in layers])
    for image in images:
        outputs = probe.predict_on_batch(image[None])
        yield outputs if isinstance(outputs, list) else [outputs]
