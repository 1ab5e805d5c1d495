"""What the trainer needs of a distillation loss."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import keras
from keras import KerasTensor

from crd_keras import backend
from crd_keras.losses.teacher_term import TeacherTerm

# Images, `(batch, H, W, C)` in [-1, 1], or outputs of layers by their names.
ImagesOrFeatures: TypeAlias = KerasTensor | Mapping[str, KerasTensor]


class LossWithTerms(Protocol):
    """A distillation loss that also gives its terms, which the trainer logs.

    `ImageLoss` and `FeatureLoss` are such losses. `with_terms` makes one of any other
    `keras.losses.Loss`.

    Attributes:
        term_weights: Dict of term name to weight. Empty if the loss is one term, which
            then has the name that `distillation_losses` gives the loss.
        layers: Names of the layers of both generators whose outputs the loss compares.
            Empty if it compares the generators' images.
        networks: The Keras models that the loss looks through, such as a VGG. They are
            not trained.
    """

    term_weights: Mapping[str, float]
    layers: Sequence[str]
    networks: Sequence[keras.Model]

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if the loss cannot compare images of this shape.

        Args:
            image_shape: `(batch, H, W, C)`; what is unknown is `None`.
        """

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        """What the loss computes of the teacher's images alone, by name. May be empty.

        Losses, and students, that need the same share it.
        """

    def value_and_terms(
        self,
        teacher: ImagesOrFeatures,
        student: ImagesOrFeatures,
        teacher_terms: Mapping[str, Any] | None = None,
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """The loss and its unweighted terms by name, all scalars.

        Args:
            teacher: The teacher's images, or the outputs of its `layers` by name. No
                gradient flows to them.
            student: The same of the student.
            teacher_terms: The values of `teacher_terms`, by name.
        """


def with_terms(loss: LossWithTerms | keras.losses.Loss) -> LossWithTerms:
    """The loss itself if it has terms, else the loss as a single term."""
    return loss if hasattr(loss, "value_and_terms") else _SingleTerm(loss)


class _SingleTerm:
    """A Keras loss between images that knows nothing of terms."""

    term_weights: Mapping[str, float] = {}
    layers: Sequence[str] = ()

    def __init__(self, loss: keras.losses.Loss):
        self._loss = loss
        self.networks = getattr(loss, "networks", ())

    def check_images(self, image_shape: tuple) -> None:
        """Nothing is known of what the loss needs."""

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        return {}

    def value_and_terms(self, teacher, student, teacher_terms=None):
        value = self._loss(teacher, student)
        # The mean over devices must be the loss of the whole batch.
        if self._loss.reduction == "sum":
            return backend.replica_count() * value, {}
        return backend.undo_loss_scale(value), {}
