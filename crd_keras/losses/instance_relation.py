"""Relational knowledge distillation between the images of a batch."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.angles import angle_loss
from crd_keras.losses.image_loss import ImageLoss
from crd_keras.losses.relations import distance_loss
from crd_keras.losses.squared_distances import squared_distances
from crd_keras.losses.teacher_term import TeacherTerm
from crd_keras.utils.validation import check_at_least

# Two images have no angle, and one distance, which divided by its mean is always 1.
_FEWEST_IMAGES = 3


@keras.saving.register_keras_serializable(package="crd_keras")
class InstanceRelationLoss(ImageLoss):
    """Difference of the relations between the whole images of a batch (RKD).

    What `ContentRelationLoss` compares between the contents of one image, this loss
    compares between the images of the batch, each as one vector of all its pixels:

        distance_weight * distance + angle_weight * angle

    Other losses have one value per image. This one has one for the batch: its terms
    are of shape `(1,)`. A batch of fewer than three images has no relations. It is
    refused, except in a step that TensorFlow compiled for batches of any size. There
    its loss is 0, without a gradient.

    The default weights, 1 and 2, are those of `ContentRelationLoss`, so either loss can
    replace the other under one weight. Under the paper's weight of 25 they become 25
    and 50, the weights of Park et al. for classification.

    Args:
        distance_weight: Weight of the distances.
        angle_weight: Weight of the angles.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1], or any
    other layout.

    Raises:
        ValueError: If a weight is negative or not finite, or (when called) if the
            images' shapes differ or there are known to be fewer than three.

    Reference:

    - [Relational Knowledge Distillation](https://arxiv.org/abs/1904.05068), Park et
      al., arXiv:1904.05068
    """

    def __init__(
        self,
        distance_weight: float = 1.0,
        angle_weight: float = 2.0,
        name: str = "instance_relation",
    ):
        super().__init__(name=name)
        check_at_least(0, distance_weight=distance_weight, angle_weight=angle_weight)
        self.distance_weight = distance_weight
        self.angle_weight = angle_weight
        self.term_weights = {
            "instance_distance": distance_weight,
            "instance_angle": angle_weight,
        }

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        return {"teacher_squared": TeacherTerm(_squared_distances)}

    def terms(
        self,
        teacher_images: KerasTensor,
        student_images: KerasTensor,
        teacher_squared: KerasTensor,
    ) -> dict[str, KerasTensor]:
        count = student_images.shape[0]
        if count is not None and count < _FEWEST_IMAGES:
            raise ValueError(
                f"`student_images` must be at least {_FEWEST_IMAGES} images to have "
                f"relations: use larger batches, and drop an incomplete last one. "
                f"Received: a batch of {count}"
            )
        student_squared = _squared_distances(student_images)
        for_distance, for_angle = backend.replicate(student_squared, 2)
        return {
            "instance_distance": distance_loss(teacher_squared, for_distance),
            "instance_angle": angle_loss(teacher_squared, for_angle),
        }

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        # The loss of a batch is one number: nothing is left to reduce.
        del config["reduction"]
        return {
            **config,
            "distance_weight": self.distance_weight,
            "angle_weight": self.angle_weight,
        }


def _squared_distances(images):
    """`(batch, ...)` images are the `(1, batch, D)` contents of a single one."""
    size = images.shape[1] * images.shape[2] * images.shape[3]
    return squared_distances(ops.reshape(images, (1, -1, size)))
