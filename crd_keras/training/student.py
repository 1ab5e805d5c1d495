"""A student of a `CRDTrainer`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras

from crd_keras.gans.teacher import Teacher
from crd_keras.losses.adversarial import AdversarialLoss
from crd_keras.losses.loss_with_terms import LossWithTerms
from crd_keras.training.best_network import BestNetwork
from crd_keras.training.optimizers import trainable_variables
from crd_keras.training.student_loss import StudentLoss
from crd_keras.training.tapped_generator import TappedGenerator
from crd_keras.utils.shapes import check_takes_images, translated_shape

Losses = Mapping[str, LossWithTerms | keras.losses.Loss]


@dataclasses.dataclass(frozen=True)
class Distillation:
    """What a student minimises, `None` where it is the trainer's.

    Not a part of Keras' tree of layers: what the losses hold is saved with `Student`.
    """

    losses: Losses | None
    weights: Mapping[str, float] | None
    adversarial_weight: float | None

    def make_loss(
        self, default: "Distillation", adversarial_loss: AdversarialLoss | None
    ) -> StudentLoss:
        """The student's loss, with another's entries in place of `None`.

        Args:
            default: The other.
            adversarial_loss: The teacher's; `None` if the student sees no
                discriminator.
        """
        losses, weights = self.losses, self.weights
        if losses is None:
            losses = default.losses or {}
            weights = default.weights if weights is None else weights
        if weights is None:
            # The paper's for CycleGAN.
            weights = {"relation": 25.0} if "relation" in losses else {}
        adversarial_weight = self.adversarial_weight
        if adversarial_weight is None:
            adversarial_weight = default.adversarial_weight or 0.0
        return StudentLoss(losses, weights, adversarial_loss, adversarial_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments, serialised, as `Student` and `CRDTrainer` have them."""
        return {
            "distillation_losses": None
            if self.losses is None
            else {
                name: keras.saving.serialize_keras_object(loss)
                for name, loss in self.losses.items()
            },
            "distillation_loss_weights": None
            if self.weights is None
            else dict(self.weights),
            "adversarial_weight": self.adversarial_weight,
        }


def deserialize_losses(config: Mapping[str, Any] | None) -> Losses | None:
    """The `distillation_losses` of a config."""
    if config is None:
        return None
    deserialize = keras.saving.deserialize_keras_object
    return {name: deserialize(loss) for name, loss in config.items()}


@keras.saving.register_keras_serializable(package="crd_keras")
class Student(keras.layers.Layer):
    """One of several students of a `CRDTrainer`: a network and what it learns by.

    The trainer adds what the student needs in a training: its optimizer and the copy of
    it at its best. What is not given here is the trainer's argument of that name.

    Args:
        network: Keras model with the input and output shape of the teacher's generator.
        distillation_losses: As in `CRDTrainer`. A `FeatureLoss` has weights that learn
            with one student, so each needs its own.
        distillation_loss_weights: As in `CRDTrainer`.
        adversarial_weight: As in `CRDTrainer`.
        discriminator: Keras model like the teacher's discriminator, which the student
            is shown instead. Nothing updates it: "Pre-trained (freezing)" in Table 6
            of the paper (arXiv:2212.11091). Defaults to the teacher's.

    Attributes:
        network: The student itself.
        best: Its copy at its best, if one has been kept.
        optimizer: Its optimizer, once the trainer is compiled.

    Raises:
        ValueError: By `CRDTrainer`, for what does not fit its teacher.

    Example:

    ```python
    students = {
        "small": Student(mobile_resnet_generator(filters=8)),
        "pixels": Student(mobile_resnet_generator(filters=8), {"l1": PixelLoss("l1")}),
    }
    trainer = CRDTrainer(teacher, students)
    ```
    """

    best: BestNetwork
    optimizer: keras.optimizers.Optimizer

    def __init__(
        self,
        network: keras.Model,
        distillation_losses: Losses | None = None,
        distillation_loss_weights: Mapping[str, float] | None = None,
        adversarial_weight: float | None = None,
        discriminator: keras.Model | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.network = network
        self.discriminator = discriminator
        if discriminator is not None:
            discriminator.trainable = False
        self.distillation = Distillation(
            distillation_losses, distillation_loss_weights, adversarial_weight
        )
        # What its logs begin with: nothing if it is the only one.
        self.prefix = ""
        self.built = True

    def connect(
        self,
        teacher: Teacher,
        default: Distillation,
        has_discriminator: bool,
        prefix: str,
    ) -> None:
        """Makes the student a teacher's. `CRDTrainer` calls it.

        Args:
            teacher: Its teacher.
            default: What the student minimises where it says nothing itself.
            has_discriminator: Whether the student is shown to a discriminator, if there
                is one.
            prefix: What its logs begin with.

        Raises:
            ValueError: If the student has a teacher already, or does not fit this one,
                or compares features of a teacher that has images only.
        """
        if hasattr(self, "loss"):
            raise ValueError(
                "`students` must be new ones. Received: a student of another trainer, "
                f"{self.network.name}"
            )
        self.prefix = prefix
        has_discriminator &= (
            self.discriminator is not None or teacher.discriminator is not None
        )
        self.loss = self.distillation.make_loss(
            default, teacher.adversarial_loss if has_discriminator else None
        )
        if self.discriminator is not None:
            teacher.check_discriminator(self.discriminator)
        # The networks that the losses look through and the layers that learn in them
        # are attributes, so that Keras passes their variables through a compiled step
        # and saves them.
        self.loss_networks = self.loss.networks
        self.feature_losses = self.loss.feature_losses
        if self.feature_losses and teacher.generator is None:
            names = ", ".join(loss.name for loss in self.feature_losses)
            raise ValueError(
                "`distillation_losses` must compare images alone with a "
                f"{type(teacher).__name__}, which has no layers. Received: {names}"
            )
        self.best = BestNetwork(self.network, name="best_student")
        self.generator = TappedGenerator(self.network, self.loss.layers)
        for loss in self.feature_losses:
            loss.connect(teacher.generator, self.network)

    @property
    def learning(self) -> list[keras.Variable]:
        """The variables that the student's optimizer updates."""
        return trainable_variables(self.network, *self.feature_losses)

    @property
    def best_network(self) -> keras.Model:
        """The network at its best, or as it is if none has been kept."""
        return self.best.network if self.best.exists else self.network

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if images of this shape cannot be learned from.

        Args:
            image_shape: `(batch, height, width, channels)`; what is unknown is `None`.
        """
        check_takes_images(self.network, image_shape, "student")
        output_shape = self.network.compute_output_shape(image_shape)
        if output_shape[1:] != translated_shape(self.network, image_shape)[1:]:
            raise ValueError(
                "`x` must hold images whose height and width the student keeps, those "
                "of the ResNet generators divisible by 4. Received: images of shape "
                f"{image_shape[1:]}, translated to {output_shape[1:]}"
            )
        self.loss.check_images(output_shape)

    def loss_names(self) -> list[str]:
        """The names under which its losses are logged."""
        return [self.prefix + name for name in ("loss", *self.loss.names)]

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.network(inputs, training=training)

    def get_config(self) -> dict[str, Any]:
        return {
            "network": keras.saving.serialize_keras_object(self.network),
            **self.distillation.get_config(),
            "discriminator": None
            if self.discriminator is None
            else keras.saving.serialize_keras_object(self.discriminator),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Student":
        deserialize = keras.saving.deserialize_keras_object
        # Students that were saved earlier have no discriminator.
        discriminator = config.get("discriminator")
        return cls(
            **{
                **config,
                "network": deserialize(config["network"]),
                "distillation_losses": deserialize_losses(
                    config["distillation_losses"]
                ),
                "discriminator": discriminator and deserialize(discriminator),
            }
        )
