"""The relation losses as the paper writes them, to be compared with."""

from collections.abc import Sequence

from keras import KerasTensor, ops

from crd_keras.losses.contents import CONTENTS


def direct_relation_loss(
    teacher_images: KerasTensor,
    student_images: KerasTensor,
    contents: Sequence[str],
    patch_size: int,
    distance_weight: float = 1.0,
    angle_weight: float = 2.0,
) -> KerasTensor:
    """The value of `ContentRelationLoss` from the N x N x D differences of contents.

    Nothing is left to save: the differences serve both relations, the angles are
    batched products of unit differences, the gradient is the backend's own.
    """
    total = 0.0
    for content in contents:
        (teacher_distance, teacher_cosine), (distance, cosine) = (
            _relations(CONTENTS[content](images, patch_size))
            for images in (ops.stop_gradient(teacher_images), student_images)
        )
        total += distance_weight * ops.mean(_huber(distance - teacher_distance))
        total += angle_weight * ops.mean(_huber(cosine - teacher_cosine))
    return total


def _relations(x):
    """Relative distances `(batch, N, N)` and cosines `(batch, N, N, N)`."""
    differences = x[:, None] - x[:, :, None]
    # The derivative of a root is infinite at 0.
    squared = ops.maximum(ops.sum(ops.square(differences), axis=-1), 1e-12)
    distances = ops.sqrt(squared)
    count = x.shape[1]
    mean = ops.sum(distances, axis=(1, 2), keepdims=True) / (count * (count - 1))
    directions = differences * ops.rsqrt(squared)[..., None]
    cosines = ops.matmul(directions, ops.transpose(directions, (0, 1, 3, 2)))
    return distances / mean, cosines


def _huber(error):
    size = ops.abs(error)
    return ops.where(size <= 1, ops.square(error) / 2, size - 0.5)
