"""Angles between the contents of an image, from their Gram matrix (Section 3).

See `relations` for the formulas and the distances.
"""

from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.relations import (
    are_apart,
    huber,
    huber_slope,
    squared_distances,
)

# Below this number of contents the angles take a millisecond anyway.
_FEWEST_TO_COMPILE = 128


def angle_loss(
    teacher_gram: KerasTensor,
    student_gram: KerasTensor,
    block_size: int | None = None,
) -> KerasTensor:
    """Difference of the angles between contents.

    `mean_ijk huber(psi_S(i; j, k) - psi_T(i; j, k))`, `psi(i; j, k)` the cosine of the
    angle at `x_i` between `x_j` and `x_k`.

    The legs `j` are taken in blocks whose intermediate results stay in the processor's
    cache. The gradient is written by hand and found in the same pass, so that memory is
    of the order of `N^2`.

    Args:
        teacher_gram: `(batch, N, N)` from `gram_matrix`. No gradient flows to it.
        student_gram: `(batch, N, N)`.
        block_size: Number of legs per block. Defaults to what the backend is best at.

    Returns:
        `(batch,)`.
    """
    teacher_gram = ops.stop_gradient(teacher_gram)
    block_size = block_size or backend.loop_block_size()
    count = student_gram.shape[-1]
    # Compiling takes half a second for each number of contents.
    worth_compiling = count is not None and count >= _FEWEST_TO_COMPILE
    function = (
        _compiled_angle_loss_and_gradient
        if worth_compiling
        else _angle_loss_and_gradient
    )

    @ops.custom_gradient
    def loss_with_gradient(gram):
        loss, gradient = function(teacher_gram, gram, block_size)

        def backward(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            return upstream[:, None, None] * gradient

        return loss, backward

    return loss_with_gradient(student_gram)


def _angle_loss_and_gradient(teacher_gram, gram, block_size):
    """Value `(batch,)` of the angle loss and its gradient `(batch, N, N)`."""
    size = ops.shape(gram)[-1]
    offset, inverse = _offset_and_inverse_distance(gram)
    teacher_blocks = _by_leg(teacher_gram, block_size)
    blocks = _by_leg(gram, block_size)
    teacher = _offset_and_inverse_distance(teacher_gram)

    def add_block(block, carry):
        loss, by_leg, by_product = carry
        cosine = _cosines(blocks, block, offset, inverse)
        error = cosine - _cosines(teacher_blocks, block, *teacher)
        slope = huber_slope(error)
        loss = loss + ops.sum(huber(error, slope), axis=1)
        # At vertex i, with P the inner products of legs and r = 1 / distance:
        # cosine = P_jk r_ij r_ik, P_jk = G_jk - G_ij - G_ik + G_ii. So G_jk's slope is
        # r_ij r_ik, and that of G_ik, which is in P_jk and in
        # 1 / r_ik^2 = G_ii + G_kk - 2 G_ik, is -r_ik (r_ij - r_ik cosine).
        r_j = blocks[2][block]
        turned = r_j[..., None] - inverse[:, None] * cosine
        by_leg = by_leg + ops.sum(slope * turned, axis=1)
        by_product = ops.slice_update(
            by_product,
            (block, 0, 0, 0),
            _sum_of_rows(r_j, slope * inverse[:, None])[None],
        )
        return loss, by_leg, by_product

    zeros = ops.zeros_like(gram)
    loss, by_leg, by_product = ops.fori_loop(
        0, ops.shape(blocks[0])[0], add_block, (zeros, zeros, ops.zeros_like(blocks[0]))
    )
    # G_ij's slope is G_ik's, as j and k may change places.
    gradient = _joined(by_product, size) - 2 * inverse * by_leg
    gradient = (gradient + ops.transpose(gradient, (0, 2, 1))) / 2
    # The loss depends on nothing but differences of contents: each row of its slopes
    # adds up to 0, from which the diagonal follows.
    identity = ops.eye(size)
    gradient = gradient * (1 - identity)
    gradient = gradient - ops.sum(gradient, axis=2, keepdims=True) * identity
    count = ops.cast(size, "float32") ** 3
    return ops.sum(loss, axis=(1, 2)) / count, gradient / count


_compiled_angle_loss_and_gradient = backend.compiled(_angle_loss_and_gradient)


def _offset_and_inverse_distance(gram):
    """`G_ij - G_ii / 2` and the inverse distance at `[i, j]`, 0 between coinciding."""
    offset = gram - ops.diagonal(gram, axis1=1, axis2=2)[:, :, None] / 2
    squared = squared_distances(gram)
    apart = are_apart(gram, squared)
    return offset, ops.where(apart, ops.rsqrt(ops.where(apart, squared, 1.0)), 0.0)


def _by_leg(gram, block_size):
    """Blocks of legs `j`: `G_jk`, and offset and inverse distance at `[j, i]`.

    Legs that fill up the last block have inverse distances of 0, so that all of their
    cosines and gradients are 0.
    """
    offset, inverse_distance = _offset_and_inverse_distance(gram)
    offset = ops.transpose(offset, (0, 2, 1))
    return tuple(_blocks(x, block_size) for x in (gram, offset, inverse_distance))


def _cosines(blocks, block, offset, inverse_distance):
    """Cosines `(batch, block, N, N)` at `[j, i, k]`, `j` in this block of legs."""
    gram_j, offset_j, inverse_j = (x[block] for x in blocks)
    products = gram_j[:, :, None] - offset_j[..., None] - offset[:, None]
    return products * inverse_j[..., None] * inverse_distance[:, None]


def _sum_of_rows(weights, x):
    """`sum_i weights[..., i] x[..., i, k]`."""
    # Two equal rows of weights: of a single one and a matrix XLA has no fast product.
    return ops.matmul(ops.stack([weights, weights], axis=-2), x)[..., 0, :]


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
