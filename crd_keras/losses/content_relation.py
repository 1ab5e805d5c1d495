"""The content-relation distillation loss, the paper's contribution."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.angles import angle_loss
from crd_keras.losses.contents import CONTENTS
from crd_keras.losses.image_loss import (
    ImageLoss,
    check_same_shape,
    checked_data_format,
)
from crd_keras.losses.relations import distance_loss
from crd_keras.losses.squared_distances import squared_distances


@keras.saving.register_keras_serializable(package="crd_keras")
class ContentRelationLoss(ImageLoss):
    """Difference of the relations between the contents of two images (Section 3).

    An image is split into contents: rows, columns, square patches. Between those of
    one image, distances (of each pair) and angles (of each triple) are taken. The loss
    compares the teacher's with the student's:

        sum over contents of  distance_weight * distance + angle_weight * angle

    Each image is compared by itself. The paper's program sums over the batch for
    Pix2Pix (batch 4); for that pass `reduction="sum"`.

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
            if `patch_size` is not positive or (when called) does not divide the
            images, or if the images' shapes differ.
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
        if patch_size < 1:
            raise ValueError(
                "`patch_size` must be a positive number of pixels. "
                f"Received: patch_size={patch_size}"
            )
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

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        check_same_shape(teacher_images, student_images)
        if self.data_format == "channels_first":
            teacher_images = ops.transpose(teacher_images, (0, 2, 3, 1))
            student_images = ops.transpose(student_images, (0, 2, 3, 1))
        student_copies = backend.fan_out(student_images, len(self.contents))
        terms = {}
        for content, student_images in zip(self.contents, student_copies, strict=True):
            teacher_squared, student_squared = (
                squared_distances(CONTENTS[content](images, self.patch_size))
                for images in (teacher_images, student_images)
            )
            for_distance, for_angle = backend.fan_out(student_squared, 2)
            terms[f"{content}_distance"] = distance_loss(teacher_squared, for_distance)
            terms[f"{content}_angle"] = angle_loss(teacher_squared, for_angle)
        return terms

    def get_config(self):
        return {
            **super().get_config(),
            "contents": self.contents,
            "patch_size": self.patch_size,
            "distance_weight": self.distance_weight,
            "angle_weight": self.angle_weight,
            "data_format": self.data_format,
        }
