"""Squared distances between the contents of an image, from a Gram matrix in float64.

The `N * N` differences of `D` numbers are never formed: with `P = X X^T`,

    |x_i - x_j|^2 = P_ii + P_jj - 2 P_ij

In float32 this loses the pairs that nearly repeat, as rows of a white background do:
of two numbers of size 1 that differ by 1e-4 it leaves nothing. Even float64's sums of
products are too coarse for differences of 1e-6, so that the products are taken in two
parts.
"""

from keras import KerasTensor, ops

from crd_keras import backend

# Contents coincide if they differ by less than this part of the image's largest
# number, in the root mean square over their numbers: 16 units in float32's last place.
# The direction of a smaller difference is that of rounding.
_SMALLEST_DIFFERENCE = 1e-6
# Of multiples of 2^-20 up to 4, float32 holds all sums of three.
_COARSE_UNIT = 2.0**-20
_LEVELS = 2.0**18


def squared_distances(contents: KerasTensor) -> KerasTensor:
    """`|x_i - x_j|^2` between the contents of each image by itself.

    From two contents that are near each other a third is equally far, as far as one
    float32 can tell, and angles need the difference. So there are two terms, of which
    the distance is the sum: a multiple of 2^-20, whose sums float32 holds exactly, and
    the rest, which is all of a small distance. A third matrix has ones where contents
    differ, and zeros where they are the same up to float32's rounding and there is no
    direction between them.

    The unit is each image's own, `D` times the square of its largest number, and counts
    as a constant: no relation depends on it.

    Args:
        contents: `(batch, N, D)`. `batch` and `N` need not be known in advance.

    Returns:
        `(3, batch, N, N)`, float32: both terms, and which contents differ.
    """
    return _with_gradient(ops.cast(contents, "float32"))


@backend.custom_gradient
def _with_gradient(contents):
    largest = ops.max(ops.abs(contents), axis=(1, 2), keepdims=True)
    largest = ops.where(largest > 0, largest, 1.0)

    def backward(upstream):
        # A function of the sum has the same derivative in both terms.
        return backend.in_float64(_gradient, upstream[0], contents, largest)

    return backend.in_float64(_terms, contents, largest), backward


def _terms(x, largest):
    x = x * (_LEVELS / largest)
    # Integers, of whose products float64 holds all sums. The others are 2^-18 of them.
    high = ops.round(x)
    low = x - high
    # With high = x - low: x x' = high high' + ((x + high) low' + low (x' + high')) / 2.
    rest = _products(x + high, low)
    rest = (rest + ops.transpose(rest, (0, 2, 1))) / 2
    squared = _from_products(_products(high, high)) + _from_products(rest)
    squared = squared / (x.shape[2] * _LEVELS**2)
    coarse = ops.round(squared / _COARSE_UNIT) * _COARSE_UNIT
    apart = ops.cast(squared > _SMALLEST_DIFFERENCE**2, squared.dtype)
    return ops.stack([coarse, squared - coarse, apart])


def _products(a, b):
    # `ops.matmul` makes float32 of it on PyTorch.
    return a @ ops.transpose(b, (0, 2, 1))


def _from_products(products):
    """`P_ii + P_jj - 2 P_ij`."""
    own = ops.diagonal(products, axis1=1, axis2=2)
    return own[:, :, None] + own[:, None] - 2 * products


def _gradient(derivative, x, largest):
    """`sum_j weights_ij (x_i - x_j)`, of which near contents leave next to nothing."""
    weights = derivative + ops.transpose(derivative, (0, 2, 1))
    weights = weights * (2 / (x.shape[2] * largest**2))
    return ops.sum(weights, axis=2, keepdims=True) * x - weights @ x
