"""Random weights that are the same on each backend."""

import random
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import KerasTensor, ops

from crd_keras.utils.validation import check_at_least, check_finite


@keras.saving.register_keras_serializable(package="crd_keras")
class SeededNormal(keras.initializers.Initializer):
    """Normally distributed weights, drawn by NumPy.

    Keras' own initializers draw from the backend's generator, so that one seed
    gives other weights on each backend.

    Args:
        mean: Float.
        stddev: Float.
        seed: Integer. One seed always gives the same values.

    Raises:
        ValueError: If `mean` or `stddev` is not finite, or `stddev` is negative.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.02, seed: int = 0):
        check_finite(mean=mean)
        check_at_least(0, stddev=stddev)
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> KerasTensor:
        values = np.random.default_rng(self.seed).normal(self.mean, self.stddev, shape)
        return ops.convert_to_tensor(values, dtype=dtype or keras.config.floatx())

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}


def seed_stream(seed: int | None) -> Iterator[int]:
    """Yields one seed per layer.

    Args:
        seed: Integer, or `None` for a random one, which comes from Python's
            generator and thus follows `keras.utils.set_random_seed`.

    Yields:
        Integers in `[0, 2**31)`, without end.
    """
    generator = np.random.default_rng(random.getrandbits(31) if seed is None else seed)
    while True:
        yield int(generator.integers(2**31))
