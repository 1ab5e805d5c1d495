"""The base class of the losses between a teacher's and a student's images."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.teacher_term import TeacherTerm


class ImageLoss(keras.losses.Loss):
    """A weighted sum of named terms between teacher and student images.

    A subclass sets `term_weights` and defines `terms`. `CRDTrainer` logs each term by
    its name, unweighted, and minimises the weighted sum. A subclass that computes
    something of the teacher's images alone says what in `teacher_terms`: several losses
    share it, and several students.

    Attributes:
        term_weights: Dict of term name to weight.
        layers: Empty: the loss compares images. See `LossWithTerms`.
        networks: List of the Keras models that the loss looks through, such as a VGG.
    """

    term_weights: dict[str, float]
    layers: tuple[str, ...] = ()
    networks: list[keras.Model] = []

    def __init__(self, name: str, reduction: str = "sum_over_batch_size"):
        if reduction not in ("sum_over_batch_size", "sum"):
            raise ValueError(
                '`reduction` must be "sum_over_batch_size" (the mean) or "sum". '
                f"Received: reduction={reduction!r}"
            )
        super().__init__(name=name, reduction=reduction)

    def terms(
        self,
        teacher_images: KerasTensor,
        student_images: KerasTensor,
        *args: Any,
        **teacher_terms: Any,
    ) -> dict[str, KerasTensor]:
        """The unweighted terms by name, each `(batch,)`: one number per image.

        Args:
            teacher_images: `(batch, H, W, C)` in [-1, 1]. No gradient flows to them.
            student_images: As `teacher_images`.
            *args: Not used. A subclass takes the terms that it needs, or none.
            **teacher_terms: The values of `teacher_terms`, by name.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `terms`.")

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        """What `terms` needs of the teacher's images beside themselves, by name."""
        return {}

    def check_images(self, image_shape: tuple) -> None:
        """Raises a `ValueError` if images of this shape cannot be compared.

        Args:
            image_shape: `(batch, H, W, C)`; what is unknown is `None`.
        """

    def value_and_terms(
        self,
        teacher_images: KerasTensor,
        student_images: KerasTensor,
        teacher_terms: Mapping[str, Any] | None = None,
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """The loss and the means of its unweighted terms, all scalars.

        Args:
            teacher_images: `(batch, H, W, C)` in [-1, 1]. No gradient flows to them.
            student_images: As `teacher_images`.
            teacher_terms: The values of `teacher_terms`, by name, of these images.
                `None`: they are computed.
        """
        teacher_images = ops.convert_to_tensor(teacher_images)
        terms = self._checked_terms(teacher_images, student_images, teacher_terms)
        losses = self._weighted_sum(terms)
        if self.reduction == "sum":
            # Gradients of devices are averaged, but a sum goes over the whole batch.
            loss = backend.replica_count() * ops.sum(losses)
        else:
            loss = ops.mean(losses)
        return loss, {name: ops.mean(value) for name, value in terms.items()}

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return self._weighted_sum(self._checked_terms(y_true, y_pred))

    def _checked_terms(self, teacher_images, student_images, teacher_terms=None):
        check_same_shape(teacher_images, student_images)
        teacher_images = ops.stop_gradient(teacher_images)
        if teacher_terms is None:
            needed = self.teacher_terms()
            teacher_terms = {k: x.compute(teacher_images) for k, x in needed.items()}
        return self.terms(teacher_images, student_images, **teacher_terms)

    def _weighted_sum(self, terms):
        return sum(self.term_weights[name] * value for name, value in terms.items())


def checked_data_format(data_format: str | None) -> str:
    """A data format, `None` replaced by that of Keras' configuration.

    Raises:
        ValueError: If it is unknown.
    """
    data_format = data_format or keras.config.image_data_format()
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            '`data_format` must be "channels_last" or "channels_first". '
            f"Received: data_format={data_format!r}"
        )
    return data_format


def image_size(image_shape: tuple, data_format: str) -> tuple[int | None, int | None]:
    """`(height, width)` in the shape of a batch of images; `None` if unknown."""
    start = 1 if data_format == "channels_last" else 2
    return tuple(image_shape[start : start + 2])


def check_same_shape(teacher_images: KerasTensor, student_images: KerasTensor) -> None:
    """Raises a `ValueError` unless both are batches of images of one shape."""
    teacher_shape, student_shape = teacher_images.shape, student_images.shape
    same = len(teacher_shape) == len(student_shape) == 4 and all(
        # A compiled step may not know the size of the batch.
        theirs == ours or None in (theirs, ours)
        for theirs, ours in zip(teacher_shape, student_shape, strict=True)
    )
    if not same:
        raise ValueError(
            "`teacher_images` and `student_images` must be batches of images of the "
            "same shape. "
            f"Received: shapes {tuple(teacher_shape)} and {tuple(student_shape)}"
        )
