"""What a student minimises."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import KerasTensor

from crd_keras import backend
from crd_keras.losses.adversarial import AdversarialLoss
from crd_keras.losses.feature_loss import FeatureLoss
from crd_keras.losses.image_loss import ImageLoss
from crd_keras.utils.validation import check_at_least


class StudentLoss:
    """The sum of the student's losses (Section 3).

        sum of weight * distillation loss(teacher's image, student's image)
        + adversarial_weight * adversarial(discriminator(student's image))

    Args:
        losses: Dict of names to losses between the teacher's and the student's
            images, `ImageLoss` or any `keras.losses.Loss`, or between their
            generators' features, `FeatureLoss`.
        weights: Dict of names to weights of these losses; 1 where none is given.
        adversarial_loss: The `AdversarialLoss`, or `None` for no such term.
        adversarial_weight: Its weight.

    Attributes:
        names: The names of all terms.
        networks: The Keras models that the losses look through, not trained.

        feature_losses: The losses that look at features.
        layers: Names of the generators' layers whose outputs they look at.

    Raises:
        ValueError: If a weight is of an unknown loss, negative or not finite.
    """

    def __init__(
        self,
        losses: Mapping[str, keras.losses.Loss],
        weights: Mapping[str, float],
        adversarial_loss: AdversarialLoss | None,
        adversarial_weight: float,
    ):
        unknown = set(weights) - set(losses)
        if unknown:
            raise ValueError(
                "`distillation_weights` must name losses of `distillation_losses`, "
                f"{tuple(losses)}. Received: {tuple(sorted(unknown))}"
            )
        named = {f"distillation_weights[{k!r}]": w for k, w in weights.items()}
        check_at_least(0, **named, adversarial_weight=adversarial_weight)
        self.losses = dict(losses)
        self.weights = dict(weights)
        self.adversarial_loss = adversarial_loss
        self.adversarial_weight = adversarial_weight
        self.names = [] if adversarial_loss is None else ["adversarial"]
        for name, loss in self.losses.items():
            is_image_loss = isinstance(loss, ImageLoss)
            self.names.extend(loss.term_weights if is_image_loss else [name])
        self.feature_losses = [
            loss for loss in self.losses.values() if isinstance(loss, FeatureLoss)
        ]
        self.layers = tuple(
            dict.fromkeys(name for loss in self.feature_losses for name in loss.layers)
        )
        self.networks = [
            network
            for loss in self.losses.values()
            for network in getattr(loss, "networks", ())
        ]
        for network in self.networks:
            network.trainable = False

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if a loss cannot compare images of this shape."""
        for loss in self.losses.values():
            if isinstance(loss, ImageLoss):
                loss.check_images(image_shape)

    def __call__(
        self,
        teacher: tuple[KerasTensor, dict[str, KerasTensor]],
        student: tuple[KerasTensor, dict[str, KerasTensor]],
        judge: Callable[[KerasTensor], KerasTensor],
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """The loss and its unweighted terms by name, scalars.

        Args:
            teacher: Images, `(batch, height, width, channels)` in [-1, 1], and
                outputs of the generator's `layers` by name.
            student: As `teacher`.
            judge: The discriminator's outputs for the student's images.
        """
        teacher_images, teacher_features = teacher
        student_images, student_features = student
        uses = len(self.losses) + (self.adversarial_loss is not None)
        copies = backend.fan_out(student_images, uses)
        total, terms = 0.0, {}
        if self.adversarial_loss is not None:
            adversarial = self.adversarial_loss.generator_loss(judge(copies.pop()))
            total += self.adversarial_weight * adversarial
            terms["adversarial"] = adversarial
        for name, loss in self.losses.items():
            if isinstance(loss, FeatureLoss):
                value = terms[name] = loss(teacher_features, student_features)
            elif isinstance(loss, ImageLoss):
                value, loss_terms = loss.value_and_terms(teacher_images, copies.pop())
                terms |= loss_terms
            else:
                value = terms[name] = _of_the_whole_batch(
                    loss, loss(teacher_images, copies.pop())
                )
            total += self.weights.get(name, 1.0) * value
        return total, terms

    def get_config(self) -> dict[str, Any]:
        """The trainer's arguments that this loss is made from."""
        return {
            "distillation_losses": {
                name: keras.saving.serialize_keras_object(loss)
                for name, loss in self.losses.items()
            },
            "distillation_weights": dict(self.weights),
            "adversarial_weight": self.adversarial_weight,
        }


def _of_the_whole_batch(loss, value):
    """A Keras loss such that its mean over devices is that of the whole batch."""
    if loss.reduction == "sum":
        return backend.replica_count() * value
    return backend.undo_loss_scale(value)
