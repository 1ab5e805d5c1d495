"""The content-relation distillation loss, the paper's contribution."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.angles import angle_loss
from crd_keras.losses.contents import CONTENTS, check_patch_size
from crd_keras.losses.image_loss import (
    ImageLoss,
    checked_data_format,
    image_size,
)
from crd_keras.losses.relations import distance_loss
from crd_keras.losses.squared_distances import squared_distances
from crd_keras.losses.teacher_term import TeacherTerm
from crd_keras.utils.validation import check_at_least

# Of two contents the one distance, relative to its mean, is always 1.
_FEWEST_CONTENTS = 3


@keras.saving.register_keras_serializable(package="crd_keras")
class ContentRelationLoss(ImageLoss):
    """Difference of the relations between the contents of two images.

    An image is split into contents: rows, columns or square patches. The relations of
    an image are the distances between each two of its contents and the angles between
    each three. The loss compares the student's relations with the teacher's:

        sum over contents of  distance_weight * distance + angle_weight * angle

    Contents of different images are not compared. The paper's program sums over the
    batch for Pix2Pix (batch size 4). For that pass `reduction="sum"`.

    Args:
        contents: Which contents to compare, of `"row"`, `"column"` and `"patch"`.
        patch_size: Side of a patch in pixels. It must divide height and width.
        distance_weight: Weight of the distances.
        angle_weight: Weight of the angles.
        data_format: `"channels_last"` or `"channels_first"`, the layout of the images.
            Defaults to `keras.config.image_data_format()`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1].

    Example:

    ```python
    loss = crd_keras.losses.ContentRelationLoss(patch_size=32)
    loss(teacher_images, student_images)
    ```

    Raises:
        ValueError: If a content kind is unknown or none or twice the same is given,
            if a weight is negative or not finite, if `patch_size` is not positive or
            (when called) does not divide the images, or if the images' shapes differ.

    Reference:

    - [Exploring Content Relationships for Distilling Efficient GANs](
      https://arxiv.org/abs/2212.11091), arXiv:2212.11091
    """

    def __init__(
        self,
        contents: Sequence[str] = ("row", "column", "patch"),
        patch_size: int = 32,
        distance_weight: float = 1.0,
        angle_weight: float = 2.0,
        data_format: str | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "content_relation",
    ):
        super().__init__(name=name, reduction=reduction)
        contents = (contents,) if isinstance(contents, str) else tuple(contents)
        unknown = [kind for kind in contents if kind not in CONTENTS]
        if unknown or not contents or len(set(contents)) < len(contents):
            raise ValueError(
                f"`contents` must name some of {tuple(CONTENTS)}, each once. "
                f"Received: contents={contents}"
            )
        check_at_least(1, patch_size=patch_size)
        check_at_least(0, distance_weight=distance_weight, angle_weight=angle_weight)
        self.contents = contents
        self.patch_size = patch_size
        self.distance_weight = distance_weight
        self.angle_weight = angle_weight
        self.data_format = checked_data_format(data_format)
        weights = {"distance": distance_weight, "angle": angle_weight}
        self.term_weights = {
            f"{content}_{relation}": weight
            for content in contents
            for relation, weight in weights.items()
        }

    def check_images(self, image_shape: tuple) -> None:
        height, width = image_size(image_shape, self.data_format)
        if height is None or width is None:
            return
        counts = {"row": height, "column": width}
        if "patch" in self.contents:
            check_patch_size(self.patch_size, height, width)
            counts["patch"] = height * width // self.patch_size**2
        for content in self.contents:
            if counts[content] < _FEWEST_CONTENTS:
                raise ValueError(
                    f"`contents` must be {_FEWEST_CONTENTS} or more of a kind in an "
                    f"image to have relations. Received: {counts[content]} of "
                    f"{content!r} (patch_size={self.patch_size}) in images of "
                    f"{height} x {width} pixels"
                )

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        return {
            content: TeacherTerm(
                _squared_distances, (content, self._size_of(content), self.data_format)
            )
            for content in self.contents
        }

    def terms(
        self,
        teacher_images: KerasTensor,
        student_images: KerasTensor,
        **teacher_squared: KerasTensor,
    ) -> dict[str, KerasTensor]:
        student_copies = backend.replicate(student_images, len(self.contents))
        terms = {}
        for content, student_images in zip(self.contents, student_copies, strict=True):
            teacher = teacher_squared[content]
            student = _squared_distances(
                student_images, content, self._size_of(content), self.data_format
            )
            for_distance, for_angle = backend.replicate(student, 2)
            terms[f"{content}_distance"] = distance_loss(teacher, for_distance)
            terms[f"{content}_angle"] = angle_loss(teacher, for_angle)
        return terms

    def _size_of(self, content):
        # Only patches have one: losses that differ in it alone share the rest.
        return self.patch_size if content == "patch" else None

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "contents": self.contents,
            "patch_size": self.patch_size,
            "distance_weight": self.distance_weight,
            "angle_weight": self.angle_weight,
            "data_format": self.data_format,
        }


def _squared_distances(images, content, patch_size, data_format):
    if data_format == "channels_first":
        images = ops.transpose(images, (0, 2, 3, 1))
    return squared_distances(CONTENTS[content](images, patch_size))
