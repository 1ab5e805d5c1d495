"""Distances between the contents of an image, from their Gram matrix (Section 3).

With `G = X X^T` of centred contents `x_1 .. x_N`,

    |x_i - x_j|^2            = G_ii + G_jj - 2 G_ij
    <x_j - x_i, x_k - x_i>   = G_jk - G_ij - G_ik + G_ii

so that neither the `N * N` differences of `D` numbers nor their `N^3 D` products are
ever formed. Distances are here, angles in `angles`. All functions work in float32 and
treat each image by itself. A compiled step need know neither the number of images nor
that of contents.
"""

from keras import KerasTensor, ops

# Two contents coincide if their distance is below an eighth of a grey level in one
# number, or below what float32 can tell apart in a Gram matrix of their size. The
# direction between them is then undefined: value 0 and gradient 0. Without this rule
# the repeated rows of a white background have gradients of 1e6.
_SMALLEST_SQUARED_DISTANCE = 1e-6
_SMALLEST_RELATIVE_SQUARED_DISTANCE = 1e-6


def gram_matrix(contents: KerasTensor) -> KerasTensor:
    """Gram matrix of the contents of each image, seen from their most central one.

    The origin changes no difference between contents, but it decides how many digits
    float32 keeps of them. The content with the least sum of distances to the others
    lies among those that (nearly) repeat, whose differences are the smallest.

    Args:
        contents: `(batch, N, D)`.

    Returns:
        `(batch, N, N)`, float32.
    """
    contents = ops.cast(contents, "float32")
    fixed = ops.stop_gradient(contents)
    around_mean = _products(fixed - ops.mean(fixed, axis=1, keepdims=True))
    remoteness = ops.sum(_distances(around_mean), axis=2, keepdims=True)
    centre = ops.argmin(remoteness, axis=1, keepdims=True)
    return _products(contents - ops.take_along_axis(fixed, centre, axis=1))


def distance_loss(teacher_gram: KerasTensor, student_gram: KerasTensor) -> KerasTensor:
    """Difference of the distances between contents.

    `mean_ij huber(psi_S(i, j) - psi_T(i, j))`, `psi(i, j) = |x_i - x_j| / mu`, where
    `mu` is the mean of the distances over `i != j`, of teacher and student each.

    Args:
        teacher_gram: `(batch, N, N)` from `gram_matrix`.
        student_gram: `(batch, N, N)`.

    Returns:
        `(batch,)`.
    """
    error = _relative_distances(student_gram) - _relative_distances(teacher_gram)
    return ops.mean(huber(error, huber_slope(error)), axis=(1, 2))


def _products(x):
    return ops.matmul(x, ops.transpose(x, (0, 2, 1)))


def _relative_distances(gram):
    distance = _distances(gram)
    size = ops.cast(ops.shape(gram)[-1], "float32")
    total = ops.sum(distance, axis=(1, 2), keepdims=True)
    mean = total / (size * (size - 1))
    return distance / ops.where(mean > 0, mean, 1.0)


def _distances(gram):
    squared = squared_distances(gram)
    apart = are_apart(gram, squared)
    # The root's argument is replaced too: its slope at 0 is infinite, and an infinite
    # slope times the 0 of the unused branch is not a number.
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


def squared_distances(gram: KerasTensor) -> KerasTensor:
    """`|x_i - x_j|^2`, `(batch, N, N)`."""
    norms = ops.diagonal(gram, axis1=1, axis2=2)
    return norms[:, :, None] + norms[:, None, :] - 2 * gram


def are_apart(gram: KerasTensor, squared: KerasTensor) -> KerasTensor:
    """Which contents do not coincide, `(batch, N, N)` of bool, by squared distances."""
    norms = ops.diagonal(gram, axis1=1, axis2=2)
    sizes = norms[:, :, None] + norms[:, None, :]
    return squared > ops.maximum(
        _SMALLEST_RELATIVE_SQUARED_DISTANCE * sizes, _SMALLEST_SQUARED_DISTANCE
    )


def huber_slope(error: KerasTensor) -> KerasTensor:
    """Slope of the Huber loss with threshold 1."""
    return ops.clip(error, -1.0, 1.0)


def huber(error: KerasTensor, slope: KerasTensor) -> KerasTensor:
    """Huber loss: `error^2 / 2` where `|error| <= 1`, else `|error| - 1/2`."""
    return slope * (error - slope / 2)
