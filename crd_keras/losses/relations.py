"""Distances between the contents of an image, relative to their mean.

All functions work in float32 and treat each image by itself. A compiled step need know
neither the number of images nor that of contents. Angles are in `angles`.
"""

from keras import KerasTensor, ops


def distance_loss(
    teacher_squared: KerasTensor, student_squared: KerasTensor
) -> KerasTensor:
    """Difference of the distances between contents.

    `mean_ij huber(psi_S(i, j) - psi_T(i, j))`, `psi(i, j) = |x_i - x_j| / mu`, where
    `mu` is the mean of the distances over `i != j`, of teacher and student each.

    Args:
        teacher_squared: `(3, batch, N, N)` from `squared_distances`.
        student_squared: `(3, batch, N, N)`.

    Returns:
        `(batch,)`.
    """
    error = _relative_distances(student_squared) - _relative_distances(teacher_squared)
    return ops.mean(huber(error, huber_gradient(error)), axis=(1, 2))


def _relative_distances(squared):
    coarse, fine, apart = ops.unstack(squared, 3)
    # The root's derivative at 0 is infinite, and infinity times 0 is not a number.
    distance = apart * ops.sqrt(ops.where(apart > 0, coarse + fine, 1.0))
    size = ops.cast(ops.shape(squared)[-1], "float32")
    total = ops.sum(distance, axis=(1, 2), keepdims=True)
    mean = total / (size * (size - 1))
    return distance / ops.where(mean > 0, mean, 1.0)


def huber_gradient(error: KerasTensor) -> KerasTensor:
    """Slope of the Huber loss with threshold 1."""
    return ops.clip(error, -1.0, 1.0)


def huber(error: KerasTensor, derivative: KerasTensor) -> KerasTensor:
    """Huber loss: `error^2 / 2` where `|error| <= 1`, else `|error| - 1/2`."""
    return derivative * (error - derivative / 2)
