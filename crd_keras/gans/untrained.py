"""What the teachers that are never trained have in common."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.gans.teacher import Teacher, float32_output
from crd_keras.losses.adversarial import AdversarialLoss, get_adversarial_loss


class UntrainedTeacher(Teacher):
    """A teacher that stays as it is. Its discriminator may learn with the student.

    Args:
        discriminator: Keras model that discriminates target images, or images joined
            with their sources along the channels, source first: its input's channels
            tell which. `None`: there is none.
        adversarial_loss: `"least_squares"`, `"hinge"`, `"vanilla"` or an
            `AdversarialLoss`.
        name: Name of the model.
    """

    is_trained = False
    generator_terms = ()
    discriminator_terms = ()

    def __init__(
        self,
        discriminator: keras.Model | None,
        adversarial_loss: str | AdversarialLoss,
        name: str,
    ):
        super().__init__(name=name)
        self.discriminator = discriminator
        self.adversarial_loss = get_adversarial_loss(adversarial_loss)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Nothing: it has no variables of its own."""

    @property
    def generators(self) -> list[keras.Model]:
        return []

    @property
    def discriminators(self) -> list[keras.Model]:
        return [] if self.discriminator is None else [self.discriminator]

    def discriminate(
        self,
        source: KerasTensor,
        images: KerasTensor,
        discriminator: keras.Model | None = None,
    ) -> KerasTensor:
        discriminator = discriminator or self.discriminator
        if discriminator.input_shape[-1] == source.shape[-1] + images.shape[-1]:
            images = ops.concatenate([source, images], axis=-1)
        return float32_output(discriminator, images)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "discriminator": None
            if self.discriminator is None
            else serialize(self.discriminator),
            "adversarial_loss": serialize(self.adversarial_loss),
            "name": self.name,
        }
