"""The Pix2Pix teacher."""

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.gans.layer_losses import call_losses
from crd_keras.gans.teacher import Teacher, float32_output, real_fake_loss
from crd_keras.losses.adversarial import AdversarialLoss, get_adversarial_loss
from crd_keras.utils.validation import check_at_least


@keras.saving.register_keras_serializable(package="crd_keras")
class Pix2Pix(Teacher):
    """A generator and a conditional discriminator, trained on pairs of images.

    With `G` the generator, `D` the discriminator, `a` a source image and `b` its
    target, the generator minimises

        adversarial(D(a, G(a))) + l1_weight * |G(a) - b|

    where `|.|` is the mean absolute value. The discriminator takes an image
    together with its source: the two are concatenated along their channels, source
    first.

    Args:
        generator: Keras model, source to target images.
        discriminator: Keras model that discriminates pairs of a source and a target
            image, concatenated along their channels. Its input shape tells whether
            channels come first or last.
        adversarial_loss: `"hinge"`, `"least_squares"`, `"vanilla"` or an
            `AdversarialLoss`.
        l1_weight: Weight of the mean absolute error.
        name: Name of the model.

    Call with source images, `(batch, height, width, channels)` in [-1, 1].

    Raises:
        ValueError: If the discriminator's input channels are not the generator's
            input and output channels together, or `l1_weight` is negative or not
            finite.

    Example:

    ```python
    from crd_keras.models import patch_discriminator, unet_generator

    teacher = crd_keras.gans.Pix2Pix(
        generator=unet_generator(),
        discriminator=patch_discriminator((None, None, 6), filters=128, norm="batch"),
    )
    ```

    Reference:

    - [Image-to-Image Translation with Conditional Adversarial Networks](
      https://arxiv.org/abs/1611.07004), arXiv:1611.07004
    """

    generator_terms = ("adversarial", "l1")
    discriminator_terms = ("discriminator",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        adversarial_loss: str | AdversarialLoss = "hinge",
        l1_weight: float = 100.0,
        name: str = "pix2pix",
    ):
        super().__init__(name=name)
        check_at_least(0, l1_weight=l1_weight)
        self.generator = generator
        self.discriminator = discriminator
        self.adversarial_loss = get_adversarial_loss(adversarial_loss)
        self.l1_weight = l1_weight
        self._channel_axis = _channel_axis(generator, discriminator)

    @property
    def generators(self) -> list[keras.Model]:
        return [self.generator]

    @property
    def discriminators(self) -> list[keras.Model]:
        return [self.discriminator]

    @property
    def generator_losses(self) -> list[Callable]:
        return [self._generator_loss]

    def _generator_loss(self, source, target):
        translated = float32_output(self.generator, source)
        adversarial = self.adversarial_loss.generator_loss(
            self.discriminate(source, translated)
        )
        l1 = ops.mean(keras.losses.mean_absolute_error(target, translated))
        loss = adversarial + self.l1_weight * l1 + call_losses(self.generator)
        terms = {"adversarial": adversarial, "l1": l1}
        return loss, terms, {"translated": translated}

    def discriminator_loss(
        self, source: KerasTensor, target: KerasTensor, fakes: dict[str, KerasTensor]
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        loss = real_fake_loss(
            self.adversarial_loss,
            self.discriminator,
            functools.partial(self.discriminate, source),
            target,
            fakes["translated"],
        )
        return loss, {"discriminator": loss}

    def discriminate(
        self,
        source: KerasTensor,
        images: KerasTensor,
        discriminator: keras.Model | None = None,
    ) -> KerasTensor:
        pairs = ops.concatenate([source, images], axis=self._channel_axis)
        return float32_output(discriminator or self.discriminator, pairs)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "adversarial_loss": serialize(self.adversarial_loss),
            "l1_weight": self.l1_weight,
            "name": self.name,
        }


def _channel_axis(generator: keras.Model, discriminator: keras.Model) -> int:
    """The axis along which the discriminator takes source and image together."""
    source, image = generator.input_shape, generator.output_shape
    pair = discriminator.input_shape
    for axis in (3, 1):
        sizes = source[axis], image[axis], pair[axis]
        if None not in sizes and sizes[0] + sizes[1] == sizes[2]:
            return axis
    raise ValueError(
        "`discriminator` must take the generator's input and output joined along "
        f"their channels, those of {source} and {image} together. Received: {pair}"
    )
