"""How many steps an epoch has, and the order of its images.

The numbers are those of the tf.data pipeline: see `crd_keras.data.philox`.
"""

from collections.abc import Sequence

import numpy as np

from crd_keras.data.philox import fold_in, uniform
from crd_keras.utils.validation import check_at_least


def epoch_steps(sizes: Sequence[int], batch_size: int) -> int:
    """Steps of an epoch, a pass through the larger domain.

    Args:
        sizes: Number of images of each domain.
        batch_size: Images of each domain in a batch.

    Raises:
        ValueError: If `batch_size` is not positive or larger than the larger domain.
    """
    check_at_least(1, batch_size=batch_size)
    largest = max(sizes)
    if batch_size > largest:
        raise ValueError(
            f"`batch_size` must not be larger than the {largest} training images that "
            f"there are of a domain. Received: {batch_size}"
        )
    return largest // batch_size


def epoch_seed(seed: int, stream: int, epoch: int) -> np.ndarray:
    """The seed of a domain's random numbers in one epoch.

    Args:
        seed: The training's seed.
        stream: Which of the seed's series of random numbers the domain has.
        epoch: Number of the epoch, counted from 0.

    Returns:
        int64 array of shape (2,).
    """
    return fold_in((seed, stream), epoch)


def epoch_order(images: int, length: int, seed: np.ndarray) -> np.ndarray:
    """Indices of a domain's images: one shuffle of all after the other.

    Args:
        images: Number of images.
        length: How many indices an epoch needs.
        seed: That of the epoch.

    Returns:
        int64 array of shape (length,).
    """
    rounds = -(-length // images)
    keys = uniform(seed, rounds * images).reshape(rounds, images)
    # Stable, as TensorFlow sorts: some numbers of 23 bits are equal.
    return np.argsort(keys, axis=-1, kind="stable").ravel()[:length]
