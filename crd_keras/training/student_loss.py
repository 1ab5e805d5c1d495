"""The loss that a student minimises."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import KerasTensor

from crd_keras import backend
from crd_keras.losses.adversarial import AdversarialLoss
from crd_keras.losses.loss_with_terms import LossWithTerms, with_terms
from crd_keras.losses.teacher_term import TeacherTerm
from crd_keras.training.tapped_generator import GeneratorOutputs
from crd_keras.utils.validation import check_at_least


class StudentLoss:
    """The weighted sum of the student's losses.

        sum of weight * distillation loss(teacher's image, student's image)
        + adversarial_weight * adversarial(discriminator(student's image))

    Args:
        losses: Dict of names to losses between the teacher's and the student's
            images, `ImageLoss` or any `keras.losses.Loss`, or between their
            generators' features, `FeatureLoss`.
        weights: Dict of names to weights of these losses; 1 where none is given.
        adversarial_loss: The `AdversarialLoss`, or `None` for no such term.
        adversarial_weight: Its weight. 0: there is no such term.

    Attributes:
        names: The names of all terms.
        networks: The Keras models that the losses look through. They are not trained.
        feature_losses: The losses that compare features.
        layers: Names of the generators' layers whose outputs they compare.
        teacher_terms: What the losses compute of the teacher's images alone.

    Raises:
        ValueError: If a weight is of an unknown loss, negative or not finite.

    Reference:

    - [Exploring Content Relationships for Distilling Efficient GANs](
      https://arxiv.org/abs/2212.11091), arXiv:2212.11091
    """

    def __init__(
        self,
        losses: Mapping[str, LossWithTerms | keras.losses.Loss],
        weights: Mapping[str, float],
        adversarial_loss: AdversarialLoss | None,
        adversarial_weight: float,
    ):
        unknown = set(weights) - set(losses)
        if unknown:
            raise ValueError(
                "`distillation_loss_weights` must name losses of "
                f"`distillation_losses`, {tuple(losses)}. "
                f"Received: {tuple(sorted(unknown))}"
            )
        named = {f"distillation_loss_weights[{k!r}]": w for k, w in weights.items()}
        check_at_least(0, **named, adversarial_weight=adversarial_weight)
        self.losses = dict(losses)
        self.weights = dict(weights)
        self.adversarial_loss = adversarial_loss if adversarial_weight else None
        self.adversarial_weight = adversarial_weight
        self._with_terms = {name: with_terms(loss) for name, loss in losses.items()}
        self.names = [] if self.adversarial_loss is None else ["adversarial"]
        for name, loss in self._with_terms.items():
            self.names.extend(loss.term_weights or [name])
        # They have more than `LossWithTerms`: see `FeatureLoss`.
        self.feature_losses: list[Any] = [
            x for x in self._with_terms.values() if x.layers
        ]
        self.layers = tuple(
            dict.fromkeys(name for loss in self.feature_losses for name in loss.layers)
        )
        self._terms_of = {k: x.teacher_terms() for k, x in self._with_terms.items()}
        self.teacher_terms: tuple[TeacherTerm, ...] = tuple(
            term for terms in self._terms_of.values() for term in terms.values()
        )
        self.networks = [
            network for loss in self._with_terms.values() for network in loss.networks
        ]
        for network in self.networks:
            network.trainable = False

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if a loss cannot compare images of this shape."""
        for loss in self._with_terms.values():
            loss.check_images(image_shape)

    def __call__(
        self,
        teacher: GeneratorOutputs,
        student: GeneratorOutputs,
        teacher_terms: Mapping[TeacherTerm, Any],
        discriminate: Callable[[KerasTensor], KerasTensor],
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """The loss and its unweighted terms by name, scalars.

        Args:
            teacher: Images and features of the generator that the student imitates.
            student: Images and features of the student.
            teacher_terms: The values of at least the `teacher_terms`.
            discriminate: Gives the discriminator's outputs for the student's images.
        """
        uses = sum(not loss.layers for loss in self._with_terms.values())
        uses += self.adversarial_loss is not None
        copies = backend.replicate(student.images, uses)
        total, all_terms = 0.0, {}
        if self.adversarial_loss is not None:
            adversarial = self.adversarial_loss.generator_loss(
                discriminate(copies.pop())
            )
            total += self.adversarial_weight * adversarial
            all_terms["adversarial"] = adversarial
        for name, loss in self._with_terms.items():
            theirs, ours = (
                (teacher.features, student.features)
                if loss.layers
                else (teacher.images, copies.pop())
            )
            known = {k: teacher_terms[term] for k, term in self._terms_of[name].items()}
            value, terms = loss.value_and_terms(theirs, ours, known)
            total += self.weights.get(name, 1.0) * value
            all_terms |= terms or {name: value}
        return total, all_terms
