"""A generator's images together with the outputs of some of its layers."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import KerasTensor, ops

from crd_keras.gans.teacher import float32_output


class GeneratorOutputs(NamedTuple):
    """What a generator makes of a batch.

    Attributes:
        images: The translated images, `(batch, height, width, channels)` in [-1, 1],
            float32.
        features: The outputs of some of its layers by the layers' names.
    """

    images: KerasTensor
    features: dict[str, KerasTensor]


class TappedGenerator:
    """Calls a generator and also returns the outputs of some of its layers.

    It is not a Keras object, so a trainer that keeps one does not save the generator
    twice.

    Args:
        generator: A functional Keras model.
        layers: Names of layers of the generator; none for its image alone.

    Raises:
        ValueError: If the generator has no such layers, or is not functional.
    """

    def __init__(self, generator: keras.Model, layers: Sequence[str]):
        self.generator = generator
        self.layers = tuple(layers)
        if not self.layers:
            return
        known = {layer.name for layer in generator.layers}
        missing = [name for name in self.layers if name not in known]
        if missing or not getattr(generator, "inputs", None):
            raise ValueError(
                f"`layers` must name layers of the functional model {generator.name}. "
                f"Received: {missing or self.layers}"
            )
        outputs = [generator.get_layer(name).output for name in self.layers]
        self.generator = keras.Model(generator.inputs, [generator.output, *outputs])

    def __call__(self, images: KerasTensor, training: bool) -> GeneratorOutputs:
        """Translates images, `(batch, height, width, channels)` in [-1, 1]."""
        if not self.layers:
            translated = float32_output(self.generator, images, training)
            return GeneratorOutputs(translated, {})
        translated, *features = self.generator(images, training=training)
        return GeneratorOutputs(
            images=ops.cast(translated, "float32"),
            features=dict(zip(self.layers, features, strict=True)),
        )
