"""Angles between the contents of an image, from their distances.

The law of cosines has the inner products of legs from squared distances alone:

    2 <x_j - x_i, x_k - x_i> = |x_i - x_j|^2 + |x_i - x_k|^2 - |x_j - x_k|^2

so that its `N^3 D` products are never formed.
"""

import functools

from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.relations import huber, huber_gradient

# Below this number of contents the angles take a millisecond or two anyway.
_FEWEST_TO_COMPILE = 64
# Of contents that are worth compiling. More parts leave out more, and take longer to
# compile.
_PART_COUNT = 4


def angle_loss(
    teacher_squared: KerasTensor,
    student_squared: KerasTensor,
    block_size: int | None = None,
) -> KerasTensor:
    """Difference of the angles between contents.

    `mean_ijk huber(psi_S(i; j, k) - psi_T(i; j, k))`, `psi(i; j, k)` the cosine of the
    angle at `x_i` between `x_j` and `x_k`.

    The legs `j` are taken in blocks whose intermediate results stay in the processor's
    cache. Of angles that are equal, as `j` and `k` may change places, a part is left
    out. The gradient is written by hand and found in the same pass, so that memory is
    of the order of `N^2`.

    Args:
        teacher_squared: `(3, batch, N, N)` from `squared_distances`. No gradient flows
            to it.
        student_squared: `(3, batch, N, N)`.
        block_size: Number of legs per block. Defaults to what the backend is best at.

    Returns:
        `(batch,)`.
    """
    teacher_squared = ops.stop_gradient(teacher_squared)
    block_size = block_size or backend.loop_block_size()
    count = student_squared.shape[-1]
    # Compiling takes half a second for each number of contents.
    worth_compiling = count is not None and count >= _FEWEST_TO_COMPILE
    function, part_count = (
        (_compiled_angle_loss_and_gradient, _PART_COUNT)
        if worth_compiling
        else (_angle_loss_and_gradient, 1)
    )

    @backend.custom_gradient
    def loss_with_gradient(squared):
        loss, gradient = function(teacher_squared, squared, block_size, part_count)

        def backward(upstream):
            derivative = upstream[:, None, None] * gradient
            return ops.stack([derivative, derivative, ops.zeros_like(derivative)])

        return loss, backward

    return loss_with_gradient(student_squared)


def _angle_loss_and_gradient(teacher_squared, squared, block_size, part_count):
    """Value `(batch,)` of the angle loss and its gradient `(batch, N, N)`."""
    size = ops.shape(squared)[-1]
    teacher, student = (
        (_at_vertices(x), _by_leg(x, block_size))
        for x in map(_halves_and_inverse, (teacher_squared, squared))
    )
    (_, _, inverse), blocks = student
    block_count = ops.shape(blocks[0])[0]
    loss = 0.0
    by_leg, by_product = ops.zeros_like(inverse), ops.zeros_like(blocks[0])
    for part in range(part_count):
        first, last = (block_count * p // part_count for p in (part, part + 1))
        start, end = first * block_size, last * block_size
        part_loss, by_leg, by_product = ops.fori_loop(
            first,
            last,
            functools.partial(
                _add_block, teacher=teacher, student=student, start=start, end=end
            ),
            (ops.zeros_like(inverse[..., start:]), by_leg, by_product),
        )
        part_loss = _twice_from(end - start, part_loss)
        loss = loss + ops.sum(part_loss, axis=(1, 2))
    # h_ij's derivative is h_ik's, as j and k may change places.
    gradient = (inverse * by_leg)[:, :size] - _joined(by_product, size) / 2
    count = ops.cast(size, "float32") ** 3
    return loss / count, gradient / count


def _add_block(block, carry, teacher, student, start, end):
    """Adds the angles of a block of legs `j` from `start` to `end`."""
    loss, by_leg, by_product = carry
    (_, _, inverse), blocks = student
    cosine = _cosines(block, *student)
    error = cosine - _cosines(block, *teacher)
    derivative = huber_gradient(error)
    # At vertex i, with h half the squared and r the inverse of the distance:
    # cosine = (h_ij + h_ik - h_jk) r_ij r_ik. So the derivative by h_jk is
    # -r_ij r_ik, and that by h_ik, which is in r_ik as well, is
    # r_ik (r_ij - r_ik cosine).
    r_j = blocks[-1][block]
    turned = r_j[..., None] - inverse[:, None] * cosine
    by_leg = by_leg + ops.sum(derivative * turned, axis=1)
    # Legs k before `start` have come as j. Those after `end` will not come with this j
    # again and count twice.
    derivative = derivative[..., start:]
    loss = loss + ops.sum(huber(error[..., start:], derivative), axis=1)
    products = _sum_of_rows(r_j, derivative * inverse[:, None, :, start:])
    products = _twice_from(end - start, products)
    by_product = ops.slice_update(by_product, (block, 0, 0, start), products[None])
    return loss, by_leg, by_product


_compiled_angle_loss_and_gradient = backend.compiled(_angle_loss_and_gradient)


def _halves_and_inverse(squared):
    """Both terms of half the squared distances, and the inverse distances or 0."""
    coarse, fine, apart = ops.unstack(squared, 3)
    inverse = apart * ops.rsqrt(ops.where(apart > 0, coarse + fine, 1.0))
    return coarse / 2, fine / 2, inverse


def _at_vertices(halves_and_inverse):
    """The matrices at `[i, k]`, with one vertex `i` more, whose cosines are 0.

    Without it, matrices of 256 contents begin at multiples of 4 KiB, and what is at the
    same place in each has to share one line of the processor's cache.
    """
    return tuple(ops.pad(x, ((0, 0), (0, 1), (0, 0))) for x in halves_and_inverse)


def _by_leg(halves_and_inverse, block_size):
    """Blocks of legs `j`, at `[j, i]` or `[j, k]`: all matrices are symmetric.

    Legs that fill up the last block have inverse distances of 0, so that all of their
    cosines and gradients are 0.
    """
    # Matrices of opposite sign, one to be read at [j, i] and one at [j, k]: XLA makes
    # slow code, ten times slower, where a single one is read in both ways.
    coarse, fine, inverse = halves_and_inverse
    at_vertices = (
        ops.pad(x, ((0, 0), (0, 0), (0, 1))) for x in (-coarse, -fine, inverse)
    )
    return tuple(_blocks(x, block_size) for x in (coarse, fine, *at_vertices))


def _cosines(block, at_vertices, blocks):
    """Cosines `(batch, block, N + 1, N)` at `[j, i, k]`, `j` in this block of legs."""
    coarse, fine, inverse = at_vertices
    coarse_j, fine_j, minus_coarse_j, minus_fine_j, inverse_j = (
        x[block] for x in blocks
    )
    products = _products(coarse, coarse_j, minus_coarse_j)
    products = products + _products(fine, fine_j, minus_fine_j)
    return products * inverse_j[..., None] * inverse[:, None]


def _products(half, half_j, minus_half_j):
    """`h_ik + h_ij - h_jk` at `[j, i, k]`."""
    # Not as a sum of three: TensorFlow chooses an order of its own, in which the
    # difference between near contents is lost.
    return half[:, None] - (half_j[:, :, None] + minus_half_j[..., None])


def _sum_of_rows(weights, x):
    """`sum_i weights[..., i] x[..., i, k]`."""
    # Two equal rows of weights: of a single one and a matrix XLA has no fast product.
    return ops.matmul(ops.stack([weights, weights], axis=-2), x)[..., 0, :]


def _twice_from(width, x):
    """`x` with all but its first `width` columns doubled."""
    return ops.concatenate([x[..., :width], 2 * x[..., width:]], axis=-1)


def _blocks(x, block_size):
    """`(batch, N, M)` to `(N / block, batch, block, M)`, filled up with zeros."""
    batch, count, size = ops.shape(x)
    x = ops.pad(x, ((0, 0), (0, -count % block_size), (0, 0)))
    x = ops.reshape(x, (batch, ops.shape(x)[1] // block_size, block_size, size))
    return ops.transpose(x, (1, 0, 2, 3))


def _joined(blocks, size):
    """`(N / block, batch, block, N)` back to `(batch, N, N)`."""
    count, _, block_size, _ = ops.shape(blocks)
    x = ops.transpose(blocks, (1, 0, 2, 3))
    return ops.reshape(x, (-1, count * block_size, size))[:, :size]
