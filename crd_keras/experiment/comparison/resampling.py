"""The bootstrap: what scores would be on other test images of the same kind.

A draw takes as many test images as there are, with replacement. How often it takes each
image depends on nothing but the number of images: the draws of all networks and all
seeds are the same, so that their differences are paired.
"""

import numpy as np

from crd_keras.metrics.kid import polynomial_kernel

# Enough for the bounds of a 95% interval: ten draws lie beyond either.
DRAWS = 400


def image_draws(count: int) -> np.ndarray:
    """How often each image is taken, `(DRAWS, count)`.

    Args:
        count: Number of test images.
    """
    random = np.random.default_rng(0)
    return random.multinomial(count, np.full(count, 1 / count), size=DRAWS)


def mean_draws(scores: np.ndarray) -> np.ndarray:
    """The mean score of each draw, `(DRAWS,)`.

    Args:
        scores: One for each image, `(count,)`.
    """
    return image_draws(len(scores)) @ scores / len(scores)


def kid_draws(
    features: np.ndarray, reference: np.ndarray, degree: int = 3
) -> tuple[float, np.ndarray]:
    """The kernel distance of the images, and that of each draw, `(DRAWS,)`.

    As `crd_keras.metrics.KernelInceptionDistance`, on all images at once. A pair of one
    image with itself, which a draw may hold, is left out like those of the whole set.

    Args:
        features: Those of the generated images, `(count, size)`.
        reference: Those of the reference images, `(m, size)`. They are not drawn.
        degree: Degree of the kernel.
    """
    x, y = features.astype("float64"), reference.astype("float64")
    among_x, among_y = (polynomial_kernel(a, a, degree) for a in (x, y))
    across = polynomial_kernel(x, y, degree).mean(axis=1)
    others_y = (among_y.sum() - np.trace(among_y)) / (len(y) * (len(y) - 1))
    np.fill_diagonal(among_x, 0.0)

    def distance(counts):
        pairs = len(x) ** 2 - np.sum(counts**2)
        return (
            counts @ among_x @ counts / pairs
            + others_y
            - 2 * (counts @ across) / len(x)
        )

    draws = np.array([distance(counts) for counts in image_draws(len(x))])
    return float(distance(np.ones(len(x)))), draws
