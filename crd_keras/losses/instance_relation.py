"""Relational knowledge distillation between the images of a batch."""

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.angles import angle_loss
from crd_keras.losses.image_loss import ImageLoss, check_same_shape
from crd_keras.losses.relations import distance_loss
from crd_keras.losses.squared_distances import squared_distances

# Two images have one distance, which relative to its mean is always 1, and no angle.
_FEWEST_IMAGES = 3


@keras.saving.register_keras_serializable(package="crd_keras")
class InstanceRelationLoss(ImageLoss):
    """Difference of the relations between the whole images of a batch (RKD).

    What `ContentRelationLoss` compares between the contents of one image, this loss
    compares between the images of the batch, each as one vector of all its pixels:

        distance_weight * distance + angle_weight * angle

    Unlike other losses it has one value for the batch, not one for each image: its
    terms are of shape `(1,)`. A batch of fewer than three images has no relations. It
    is refused, except in a step that TensorFlow compiled for batches of any size:
    there it has the loss 0 and no gradient.

    The default weights, 1 and 2, are those of the contents, so that either loss takes
    the other's place under one weight. They are in the proportion of Park et al.,
    whose 25 and 50 (for classification) they become under the paper's 25.

    Args:
        distance_weight: Weight of the distances.
        angle_weight: Weight of the angles.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1], or any
    other layout.

    Raises:
        ValueError: If (when called) the images' shapes differ or there are known to be
            fewer than three.

    References:
        - [Park et al., 2019](https://arxiv.org/abs/1904.05068)
    """

    def __init__(
        self,
        distance_weight: float = 1.0,
        angle_weight: float = 2.0,
        name: str = "instance_relation",
    ):
        super().__init__(name=name)
        self.distance_weight = distance_weight
        self.angle_weight = angle_weight
        self.term_weights = {
            "instance_distance": distance_weight,
            "instance_angle": angle_weight,
        }

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        check_same_shape(teacher_images, student_images)
        count = student_images.shape[0]
        if count is not None and count < _FEWEST_IMAGES:
            raise ValueError(
                f"`student_images` must be at least {_FEWEST_IMAGES} images to have "
                f"relations: use larger batches, and drop an incomplete last one. "
                f"Received: a batch of {count}"
            )
        teacher_squared, student_squared = (
            squared_distances(_as_contents(images))
            for images in (teacher_images, student_images)
        )
        for_distance, for_angle = backend.fan_out(student_squared, 2)
        return {
            "instance_distance": distance_loss(teacher_squared, for_distance),
            "instance_angle": angle_loss(teacher_squared, for_angle),
        }

    def get_config(self):
        config = super().get_config()
        # The loss of a batch is one number: nothing is left to reduce.
        del config["reduction"]
        return {
            **config,
            "distance_weight": self.distance_weight,
            "angle_weight": self.angle_weight,
        }


def _as_contents(images):
    """`(batch, ...)` to the `(1, batch, D)` of one image with `batch` contents."""
    size = images.shape[1] * images.shape[2] * images.shape[3]
    return ops.reshape(images, (1, -1, size))
