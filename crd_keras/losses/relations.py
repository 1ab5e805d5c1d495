"""Relations between the contents of an image, from their Gram matrix (Section 3).

With `G = X X^T` of centred contents `x_1 .. x_N`,

    |x_i - x_j|^2            = G_ii + G_jj - 2 G_ij
    <x_j - x_i, x_k - x_i>   = G_jk - G_ij - G_ik + G_ii

so that neither the `N * N` differences of `D` numbers nor their `N^3 D` products are
ever formed. All functions work in float32 and treat each image by itself. A compiled
step need know neither the number of images nor that of contents.
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
    return ops.mean(_huber(error, _clip(error)), axis=(1, 2))


def angle_loss(
    teacher_gram: KerasTensor, student_gram: KerasTensor, block_size: int = 4
) -> KerasTensor:
    """Difference of the angles between contents.

    `mean_ijk huber(psi_S(i; j, k) - psi_T(i; j, k))`, `psi(i; j, k)` the cosine of the
    angle at `x_i` between `x_j` and `x_k`.

    The vertices `i` are taken in blocks whose intermediate results stay in the
    processor's cache. The gradient is written by hand and found in the same pass, so
    that memory is of the order of `N^2` and no cosine is computed twice.

    Args:
        teacher_gram: `(batch, N, N)` from `gram_matrix`. No gradient flows to it.
        student_gram: `(batch, N, N)`.
        block_size: Number of vertices per block.

    Returns:
        `(batch,)`.
    """
    teacher = _by_vertex(ops.stop_gradient(teacher_gram), block_size)

    @ops.custom_gradient
    def loss_with_gradient(gram):
        student = _by_vertex(gram, block_size)
        loss, gradient = _angle_loss_and_gradient(teacher, student, ops.shape(gram)[-1])

        def backward(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            return upstream[:, None, None] * gradient

        return loss, backward

    return loss_with_gradient(student_gram)


def _angle_loss_and_gradient(teacher, student, size):
    """Value `(batch,)` of the angle loss and its gradient `(batch, N, N)`."""
    teacher_gram, teacher_offset, teacher_inverse = teacher
    gram, offset, inverse = student

    def add_block(block, carry):
        loss, gradient, by_product, by_leg = carry
        r = inverse[block]
        cosine = _cosines(gram, offset[block], r)
        error = cosine - _cosines(
            teacher_gram, teacher_offset[block], teacher_inverse[block]
        )
        slope = _clip(error)
        loss = loss + ops.sum(_huber(error, slope), axis=(1, 2, 3))
        # With P the inner products and r the inverse distances, cosine = P r_j r_k.
        # `slope` is symmetric in j and k.
        slope_of_product = slope * r[..., :, None] * r[..., None, :]
        gradient = gradient + ops.sum(slope_of_product, axis=1)
        start = (block, 0, 0, 0)
        by_product = ops.slice_update(
            by_product, start, ops.sum(slope_of_product, axis=-1)[None]
        )
        by_leg = ops.slice_update(by_leg, start, ops.sum(slope * cosine, axis=-1)[None])
        return loss, gradient, by_product, by_leg

    start = (
        ops.zeros_like(gram[:, 0, 0]),
        ops.zeros_like(gram),
        ops.zeros_like(inverse),
        ops.zeros_like(inverse),
    )
    loss, gradient, by_product, by_leg = ops.fori_loop(
        0, ops.shape(inverse)[0], add_block, start
    )
    by_product, by_leg, inverse = (
        _joined(x, size) for x in (by_product, by_leg, inverse)
    )
    # The product's other terms: -G_ij and -G_ik (alike by symmetry) and +G_ii.
    gradient = gradient - 2 * by_product
    on_diagonal = ops.sum(by_product, axis=2)
    # The squared distance G_ii + G_jj - 2 G_ij = 1 / r^2 of both legs.
    by_distance = -ops.square(inverse) * by_leg
    gradient = gradient - 2 * by_distance
    on_diagonal += ops.sum(by_distance, axis=1) + ops.sum(by_distance, axis=2)
    gradient = gradient + on_diagonal[:, :, None] * ops.eye(size)
    count = ops.cast(size, "float32") ** 3
    return loss / count, gradient / count


def _products(x):
    return ops.matmul(x, ops.transpose(x, (0, 2, 1)))


def _by_vertex(gram, block_size):
    """The Gram matrix, and for each block of vertices what `_cosines` needs.

    Vertices that fill up the last block have inverse distances of 0, so that all of
    their cosines and gradients are 0.
    """
    offset = gram - ops.diagonal(gram, axis1=1, axis2=2)[:, :, None] / 2
    squared = _squared_distances(gram)
    apart = _apart(gram, squared)
    inverse_distance = ops.where(apart, ops.rsqrt(ops.where(apart, squared, 1.0)), 0.0)
    return gram, _blocks(offset, block_size), _blocks(inverse_distance, block_size)


def _cosines(gram, offset, inverse_distance):
    """Cosines `(batch, block, N, N)` of the angles at a block of vertices."""
    products = gram[:, None] - offset[..., :, None] - offset[..., None, :]
    return products * inverse_distance[..., :, None] * inverse_distance[..., None, :]


def _blocks(x, block_size):
    """`(batch, N, N)` to `(N / block, batch, block, N)`, filled up with zeros."""
    batch, _, size = ops.shape(x)
    x = ops.pad(x, ((0, 0), (0, -size % block_size), (0, 0)))
    x = ops.reshape(x, (batch, ops.shape(x)[1] // block_size, block_size, size))
    return ops.transpose(x, (1, 0, 2, 3))


def _joined(blocks, size):
    """`(N / block, batch, block, N)` back to `(batch, N, N)`."""
    count, _, block_size, _ = ops.shape(blocks)
    x = ops.transpose(blocks, (1, 0, 2, 3))
    return ops.reshape(x, (-1, count * block_size, size))[:, :size]


def _relative_distances(gram):
    distance = _distances(gram)
    size = ops.cast(ops.shape(gram)[-1], "float32")
    total = ops.sum(distance, axis=(1, 2), keepdims=True)
    mean = total / (size * (size - 1))
    return distance / ops.where(mean > 0, mean, 1.0)


def _distances(gram):
    squared = _squared_distances(gram)
    apart = _apart(gram, squared)
    # The root's argument is replaced too: its slope at 0 is infinite, and an infinite
    # slope times the 0 of the unused branch is not a number.
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


def _squared_distances(gram):
    norms = ops.diagonal(gram, axis1=1, axis2=2)
    return norms[:, :, None] + norms[:, None, :] - 2 * gram


def _apart(gram, squared_distances):
    """Which contents do not coincide, `(batch, N, N)` of bool."""
    norms = ops.diagonal(gram, axis1=1, axis2=2)
    sizes = norms[:, :, None] + norms[:, None, :]
    return squared_distances > ops.maximum(
        _SMALLEST_RELATIVE_SQUARED_DISTANCE * sizes, _SMALLEST_SQUARED_DISTANCE
    )


def _clip(error):
    """Slope of the Huber loss with threshold 1."""
    return ops.clip(error, -1.0, 1.0)


def _huber(error, slope):
    """`error^2 / 2` where `|error| <= 1`, else `|error| - 1/2`."""
    return slope * (error - slope / 2)
