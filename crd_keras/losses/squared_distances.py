"""Squared distances between the contents of an image, from Gram matrices.

The `N * N` differences of `D` numbers are never formed: with `<., .>` summed over `D`,

    <a_i - a_j, b_i - b_j> = P_ii - P_ij + P_jj - P_ji,  P = A B^T

In float32 this loses the pairs that nearly repeat, as rows of a white background do:
of two numbers of size 1 that differ by 1e-4 it leaves nothing. So each number is cut
into integers of few bits (`_slices`), whose products and sums float32 holds exactly.
"""

import numpy as np
from keras import KerasTensor, ops

# Contents coincide if they differ by less than this part of the image's largest
# number, in the root mean square over their numbers: 16 units in float32's last place.
# The direction of a smaller difference is that of rounding.
_SMALLEST_DIFFERENCE = 1e-6
# So many products of two integers up to 2^6, and four times their sum, are below 2^24.
_LEVELS = 2.0**6
_MOST_NUMBERS = 2**10
_POWERS_OF_TWO = 2.0 ** np.arange(-100, 128, dtype="float32")


def squared_distances(contents: KerasTensor) -> KerasTensor:
    """`|x_i - x_j|^2` between the contents of each image by itself.

    From two contents that are near each other a third is equally far, as far as one
    float32 can tell, and angles need the difference. So there are two terms, of which
    the distance is the sum: a multiple of 2^-12 or so, whose sums float32 holds
    exactly, and the rest, which is all of a small distance. A third matrix has ones
    where contents differ, and zeros where they are the same up to float32's rounding
    and there is no direction between them.

    The unit is each image's own, near the square of its largest number, and counts as
    a constant: no relation depends on it.

    Args:
        contents: `(batch, N, D)`. `batch` and `N` need not be known in advance.

    Returns:
        `(3, batch, N, N)`, float32: both terms, and which contents differ.
    """
    return _with_gradient(ops.cast(contents, "float32"))


@ops.custom_gradient
def _with_gradient(contents):
    largest = ops.max(ops.abs(contents), axis=(1, 2), keepdims=True)
    # Divided by a power of two, numbers keep all of their digits.
    powers = ops.convert_to_tensor(_POWERS_OF_TWO)
    scale = ops.where(powers >= largest, powers, np.inf)
    scale = ops.min(scale, axis=2, keepdims=True)
    scaled = contents / scale
    coarse, fine = _squared_distances(scaled)
    smallest = _SMALLEST_DIFFERENCE * largest / scale
    apart = coarse + fine > contents.shape[2] * smallest**2

    def backward(*args, upstream=None):
        # A function of the sum has the same derivative in both terms.
        derivative = (args[0] if upstream is None else upstream)[0]
        weights = derivative + ops.transpose(derivative, (0, 2, 1))
        # A content does not move away from itself.
        weights = weights * (1 - ops.eye(ops.shape(weights)[1]))
        return 2 / scale * _weighted_differences(weights, scaled)

    return ops.stack([coarse, fine, ops.cast(apart, "float32")]), backward


def _squared_distances(x):
    parts = _few_numbers(x)
    high, middle, low = _slices(parts)
    # |x_i - x_j|^2, x = high + middle + low. Only the last product is rounded, and it
    # is 2^-20 of the first.
    first = _products_of_differences(high, high)
    second = 2 * _products_of_differences(high, middle)
    third = 2 * _products_of_differences(high, low)
    third = third + _products_of_differences(middle, middle)
    last = 2 * _products_of_differences(middle + low / 2, low)
    # Up to 2^24 units in all: their sums over all numbers are exact.
    unit = 2.0 ** (parts.shape[1] - 1).bit_length() / _LEVELS**2
    coarse = ops.round((first + second + third + last) / unit) * unit
    fine = (first - coarse) + second + third + last
    return ops.sum(coarse, axis=1), ops.sum(fine, axis=1)


def _products_of_differences(a, b):
    """`<a_i - a_j, b_i - b_j>` of `(batch, parts, N, D / parts)`."""
    products = ops.matmul(a, ops.transpose(b, (0, 1, 3, 2)))
    own = ops.diagonal(products, axis1=2, axis2=3)
    one_sided = own[..., None] - products
    return one_sided + ops.transpose(one_sided, (0, 1, 3, 2))


def _weighted_differences(weights, x):
    """`sum_j weights_ij (x_i - x_j)`, `(batch, N, D)`.

    Near contents have large weights, so that nearly all of `weights @ x` cancels. The
    larger part, products of integers, is exact as that of the distances is.
    """
    largest = ops.max(ops.abs(weights), axis=2, keepdims=True)
    largest = ops.where(largest > 0, largest, 1.0)
    weights = weights / largest
    high_weights, high = _high(weights), _high(x)
    low_weights, low = weights - high_weights, x - high

    def differences(w, x):
        return ops.sum(w, axis=2, keepdims=True) * x - ops.matmul(w, x)

    rest = differences(high_weights, low) + differences(low_weights, x)
    return largest * (differences(high_weights, high) + rest)


def _slices(x):
    """Numbers of at most 1 as a multiple of 2^-6, one of 2^-14, and what is left.

    The less is left, the smaller is the number, and the first multiple with it: the
    products of those two are integers of as many bits as the others.
    """
    high = _high(x)
    rest = x - high
    middle = _high(rest * 2**8) / 2**8
    return high, middle, rest - middle


def _high(x):
    return ops.round(x * _LEVELS) / _LEVELS


def _few_numbers(x):
    """`(batch, N, D)` to `(batch, parts, N, D / parts)`, filled up with zeros."""
    _, contents, _ = ops.shape(x)
    count = x.shape[2]
    parts = -(-count // _MOST_NUMBERS)
    size = -(-count // parts)
    x = ops.pad(x, ((0, 0), (0, 0), (0, parts * size - count)))
    x = ops.reshape(x, (-1, contents, parts, size))
    return ops.transpose(x, (0, 2, 1, 3))
