"""The base class of the teachers."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.gans.layer_losses import call_losses
from crd_keras.losses.adversarial import AdversarialLoss
from crd_keras.utils.shapes import check_takes_images

# The loss, its unweighted terms by name, and the generated images by name.
GeneratorLoss = tuple[KerasTensor, dict[str, KerasTensor], dict[str, KerasTensor]]


class Teacher(keras.Model):
    """A GAN that translates images of a source domain to a target domain.

    `call` translates. `CRDTrainer` trains the networks with the losses below and
    shows the student's images to the same discriminator through `discriminate`.

    Attributes:
        is_trained: Whether the losses below train it. If not, it stays as it is, and
            has none of them.
        generator: Keras model, source to target images. The student imitates it. `None`
            if the teacher's images come with the data.
        discriminator: Keras model that discriminates target images. A teacher that is
            not trained need not have one.
        adversarial_loss: The `AdversarialLoss` of generators and discriminators.
        generator_terms: Names of the terms of `generator_losses`.
        discriminator_terms: Names of the terms that `discriminator_loss` returns.
    """

    is_trained: bool = True
    generator: Any
    discriminator: Any
    adversarial_loss: AdversarialLoss
    generator_terms: tuple[str, ...]
    discriminator_terms: tuple[str, ...]

    def loss_names(self) -> list[str]:
        """The names under which a training logs its losses; none if it stays."""
        if not self.is_trained:
            return []
        terms = (f"teacher_{name}" for name in self.generator_terms)
        return ["teacher_loss", *terms, *self.discriminator_terms]

    @property
    def generators(self) -> list[keras.Model]:
        """The networks that `generator_loss` trains, `generator` first."""
        raise self._not_implemented("generators")

    @property
    def discriminators(self) -> list[keras.Model]:
        """The networks that `discriminator_loss` trains, `discriminator` first."""
        raise self._not_implemented("discriminators")

    @property
    def generator_losses(
        self,
    ) -> list[Callable[[KerasTensor, KerasTensor], GeneratorLoss]]:
        """The functions whose sum the generators minimise.

        Each takes source and target images, `(batch, H, W, C)` in [-1, 1], and returns
        the loss, its unweighted terms by name (scalars), and the generated images by
        name, of which `"translated"` are those of `generator`.

        Their gradients are taken one after the other: what a loss keeps for its
        gradient need not be in memory for the next one. Several of them should have no
        network's output in common, as each computes its own.

        What layers add in a call (`call_losses`) is part of the loss; the regularisers
        of weights are not, as `CRDTrainer` adds them once in a step.
        """
        raise self._not_implemented("generator_losses")

    def generator_loss(self, source: KerasTensor, target: KerasTensor) -> GeneratorLoss:
        """The sum of `generator_losses`, with the terms and images of all of them."""
        return add_losses(loss(source, target) for loss in self.generator_losses)

    def discriminator_loss(
        self, source: KerasTensor, target: KerasTensor, fakes: dict[str, KerasTensor]
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """Loss of the discriminators and its terms by name, scalars.

        Args:
            source: Images of the source domain, `(batch, H, W, C)` in [-1, 1].
            target: Images of the target domain.
            fakes: Generated images from `replay`. No gradient flows to them.
        """
        raise self._not_implemented("discriminator_loss")

    def discriminate(
        self,
        source: KerasTensor,
        images: KerasTensor,
        discriminator: keras.Model | None = None,
    ) -> KerasTensor:
        """The outputs of a discriminator for images and the sources they came from.

        Args:
            source: Images of the source domain, `(batch, H, W, C)` in [-1, 1].
            images: Images of the target domain, real or generated, as many.
            discriminator: A model like `discriminator`. Defaults to `discriminator`.

        Returns:
            `(batch, ...)`, float32, without an activation.
        """
        raise self._not_implemented("discriminate")

    def replay(self, fakes: dict[str, KerasTensor]) -> dict[str, KerasTensor]:
        """The fakes that the discriminators see: by default those just generated."""
        return fakes

    def check_student(self, student: keras.Model, name: str = "student") -> None:
        """Raises a `ValueError` if the student cannot imitate the generator.

        Args:
            student: The student.
            name: The argument that it is.
        """
        shapes = [
            (model.input_shape, model.output_shape)
            for model in (self.generator, student)
        ]
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"`{name}` must have the input and output shape of the teacher's "
                f"generator, {shapes[0][0]} to {shapes[0][1]}. "
                f"Received: {shapes[1][0]} to {shapes[1][1]}"
            )
        self.check_is_other(student, name)

    def check_is_other(self, network: keras.Model, name: str) -> None:
        """Raises a `ValueError` if a network is one of the teacher's."""
        own = (self.generator, *self.generators, *self.discriminators)
        if any(network is model for model in own):
            raise ValueError(
                f"`{name}` must be a model of its own. "
                f"Received: {network.name}, which is part of the teacher"
            )

    def check_discriminator(self, discriminator: keras.Model) -> None:
        """Raises a `ValueError` if it cannot stand for `discriminator`."""
        found = discriminator.input_shape
        if self.discriminators and found != self.discriminator.input_shape:
            raise ValueError(
                "`discriminator` must have the input shape of the teacher's "
                f"discriminator, {self.discriminator.input_shape}. Received: {found}"
            )
        self.check_is_other(discriminator, "discriminator")

    def split_target(self, target: Any) -> tuple[Any, Any]:
        """The teacher's own images that come with a batch, and the target images.

        Args:
            target: What `fit` takes as `y`, all of it or a batch.

        Returns:
            The teacher's translations of the source images, `None` where it makes them
            itself; and images of the target domain.

        Raises:
            ValueError: If these are not what the teacher needs.
        """
        if isinstance(target, (tuple, list)):
            raise ValueError(
                "`y` must hold images of the target domain (the teacher's own images "
                f"are for a `StoredTeacher`). Received: {len(target)} parts"
            )
        return None, target

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if a network cannot take images of this shape.

        Args:
            image_shape: Shape of a batch of source or target images; what is unknown
                is `None`.
        """
        for generator in self.generators:
            check_takes_images(generator, image_shape, "generator")
        for discriminator in self.discriminators:
            check_takes_images(discriminator, image_shape, "discriminator")

    def call(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        return self.generator(inputs, training=training)

    def _not_implemented(self, name: str) -> NotImplementedError:
        # Keras models cannot be abstract base classes.
        return NotImplementedError(f"{type(self).__name__} must define `{name}`.")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Teacher":
        config = {
            key: keras.saving.deserialize_keras_object(value)
            if isinstance(value, dict) and "class_name" in value
            else value
            for key, value in config.items()
        }
        return cls(**config)


def add_losses(losses: Iterable[GeneratorLoss]) -> GeneratorLoss:
    """The sum of some losses, and the terms and images of all of them."""
    values, terms, images = zip(*losses, strict=True)
    merged = (
        {k: v for part in parts for k, v in part.items()} for parts in (terms, images)
    )
    return sum(values), *merged


def real_fake_loss(
    adversarial_loss: AdversarialLoss,
    discriminator: keras.Model,
    discriminate: Callable[[KerasTensor], KerasTensor],
    real: KerasTensor,
    fake: KerasTensor,
) -> KerasTensor:
    """A discriminator's loss for real and generated images, a scalar.

    Args:
        adversarial_loss: The loss of its outputs.
        discriminator: The discriminator. What its layers add in both calls is part of
            the loss.
        discriminate: Calls it with images.
        real: Real images, `(batch, H, W, C)` in [-1, 1].
        fake: Generated images, as `real`.
    """
    outputs, added = [], 0.0
    for images in (real, fake):
        outputs.append(discriminate(images))
        added += call_losses(discriminator)
    return adversarial_loss.discriminator_loss(*outputs) + added


def float32_output(
    network: keras.Model, images: KerasTensor, training: bool = True
) -> KerasTensor:
    """The output of a network in float32, also if it computes in another precision.

    The networks of `crd_keras.models` end in float32 by themselves. Others may not.

    Args:
        network: A generator or discriminator.
        images: `(batch, height, width, channels)`.
        training: As for the network.
    """
    return ops.cast(network(images, training=training), "float32")
