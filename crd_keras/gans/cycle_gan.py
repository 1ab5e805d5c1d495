"""The CycleGAN teacher."""

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.gans.image_pool import ImagePool
from crd_keras.gans.layer_losses import call_losses
from crd_keras.gans.teacher import Teacher, float32_output, real_fake_loss
from crd_keras.losses.adversarial import AdversarialLoss, get_adversarial_loss
from crd_keras.utils.shapes import translated_shape
from crd_keras.utils.validation import check_at_least


@keras.saving.register_keras_serializable(package="crd_keras")
class CycleGAN(Teacher):
    """Two generators and two discriminators, trained on unpaired images.

    With `G` the generator (source to target), `F` the inverse generator, `a` a source
    and `b` a target image, the generators minimise

        adversarial(G(a)) + adversarial(F(b))
        + cycle_weight * (|F(G(a)) - a| + |G(F(b)) - b|)
        + identity_weight * (|G(b) - b| + |F(a) - a|)

    where `|.|` is the mean absolute value.

    Args:
        generator: Keras model, source to target images.
        inverse_generator: Keras model, target to source images. It must share no layer
            with `generator`.
        discriminator: Keras model that discriminates target images.
        inverse_discriminator: Keras model that discriminates source images.
        adversarial_loss: `"least_squares"`, `"hinge"`, `"vanilla"` or an
            `AdversarialLoss`.
        cycle_weight: Weight of the cycle terms.
        identity_weight: Weight of the identity terms. They need as many source as
            target channels; 0 leaves them out.
        pool_size: How many past fakes each discriminator is shown again.
        seed: Seed of the pools.
        name: Name of the model.

    Call with source images, `(batch, height, width, channels)` in [-1, 1].

    Raises:
        ValueError: If two of the networks are one, or a weight or `pool_size` is
            negative or not finite, or the generator makes images of another number of
            channels than it takes and `identity_weight` is not 0.

    Example:

    ```python
    from crd_keras.models import mobile_resnet_generator, patch_discriminator

    teacher = crd_keras.gans.CycleGAN(
        generator=mobile_resnet_generator(),
        inverse_generator=mobile_resnet_generator(),
        discriminator=patch_discriminator(),
        inverse_discriminator=patch_discriminator(),
    )
    ```

    Reference:

    - [Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks](
      https://arxiv.org/abs/1703.10593), arXiv:1703.10593
    """

    def __init__(
        self,
        generator: keras.Model,
        inverse_generator: keras.Model,
        discriminator: keras.Model,
        inverse_discriminator: keras.Model,
        adversarial_loss: str | AdversarialLoss = "least_squares",
        cycle_weight: float = 10.0,
        identity_weight: float = 5.0,
        pool_size: int = 50,
        seed: int | None = None,
        name: str = "cycle_gan",
    ):
        super().__init__(name=name)
        networks = (generator, inverse_generator, discriminator, inverse_discriminator)
        if len({id(network) for network in networks}) < len(networks):
            raise ValueError(
                "`generator`, `inverse_generator`, `discriminator` and "
                "`inverse_discriminator` must be four models. "
                f"Received: {[network.name for network in networks]}, some of them the "
                "same object"
            )
        check_at_least(
            0,
            cycle_weight=cycle_weight,
            identity_weight=identity_weight,
            pool_size=pool_size,
        )
        if identity_weight:
            _check_identity(generator)
        self.generator = generator
        self.inverse_generator = inverse_generator
        self.discriminator = discriminator
        self.inverse_discriminator = inverse_discriminator
        self.adversarial_loss = get_adversarial_loss(adversarial_loss)
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.seed = seed
        inverse_seed = None if seed is None else seed + 1
        self.pool = ImagePool(pool_size, seed, name="pool")
        self.inverse_pool = ImagePool(pool_size, inverse_seed, name="inverse_pool")
        terms = ("adversarial", "cycle", *(("identity",) if identity_weight else ()))
        self.generator_terms = tuple(
            direction + term for term in terms for direction in ("", "inverse_")
        )
        self.discriminator_terms = ("discriminator", "inverse_discriminator")

    @property
    def generators(self) -> list[keras.Model]:
        return [self.generator, self.inverse_generator]

    @property
    def discriminators(self) -> list[keras.Model]:
        return [self.discriminator, self.inverse_discriminator]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.pool.build(translated_shape(self.generator, input_shape))
        self.inverse_pool.build(input_shape)

    @property
    def generator_losses(self) -> list[Callable]:
        losses = [
            lambda source, target: self._cycle_loss("", source),
            lambda source, target: self._cycle_loss("inverse_", target),
        ]
        if self.identity_weight:
            losses += [
                lambda source, target: self._identity_loss("", target),
                lambda source, target: self._identity_loss("inverse_", source),
            ]
        return losses

    def _cycle_loss(self, direction, images):
        """The adversarial loss in the other domain, and the cycle loss in this one."""
        generators = generator, inverse_generator = self._generators_of(direction)
        translated = float32_output(generator, images)
        discriminator = getattr(self, f"{direction}discriminator")
        adversarial = self.adversarial_loss.generator_loss(
            float32_output(discriminator, translated)
        )
        cycle = _l1(float32_output(inverse_generator, translated), images)
        return (
            adversarial + self.cycle_weight * cycle + call_losses(*generators),
            {f"{direction}adversarial": adversarial, f"{direction}cycle": cycle},
            {f"{direction}translated": translated},
        )

    def _identity_loss(self, direction, images):
        """The loss for images of the domain that the generator translates to."""
        generator, _ = self._generators_of(direction)
        identity = _l1(float32_output(generator, images), images)
        return (
            self.identity_weight * identity + call_losses(generator),
            {f"{direction}identity": identity},
            {},
        )

    def _generators_of(self, direction):
        return self.generators if direction == "" else self.generators[::-1]

    def replay(self, fakes: dict[str, KerasTensor]) -> dict[str, KerasTensor]:
        return {
            "translated": self.pool(fakes["translated"]),
            "inverse_translated": self.inverse_pool(fakes["inverse_translated"]),
        }

    def discriminator_loss(
        self, source: KerasTensor, target: KerasTensor, fakes: dict[str, KerasTensor]
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        terms = {
            f"{direction}discriminator": real_fake_loss(
                self.adversarial_loss,
                discriminator,
                functools.partial(float32_output, discriminator),
                real,
                fakes[f"{direction}translated"],
            )
            for direction, discriminator, real in (
                ("", self.discriminator, target),
                ("inverse_", self.inverse_discriminator, source),
            )
        }
        return sum(terms.values()), terms

    def discriminate(
        self,
        source: KerasTensor,
        images: KerasTensor,
        discriminator: keras.Model | None = None,
    ) -> KerasTensor:
        return float32_output(discriminator or self.discriminator, images)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "generator": serialize(self.generator),
            "inverse_generator": serialize(self.inverse_generator),
            "discriminator": serialize(self.discriminator),
            "inverse_discriminator": serialize(self.inverse_discriminator),
            "adversarial_loss": serialize(self.adversarial_loss),
            "cycle_weight": self.cycle_weight,
            "identity_weight": self.identity_weight,
            "pool_size": self.pool_size,
            "seed": self.seed,
            "name": self.name,
        }


def _check_identity(generator):
    shapes = (getattr(generator, f"{end}_shape", None) for end in ("input", "output"))
    taken, given = shapes
    if taken is not None and given is not None and taken != given:
        raise ValueError(
            "`identity_weight` must be 0 where source and target images differ in "
            "shape: a generator is shown target images for it. "
            f"Received: a generator of {taken} to {given}"
        )


def _l1(a, b):
    return ops.mean(ops.abs(ops.cast(a, "float32") - ops.cast(b, "float32")))
