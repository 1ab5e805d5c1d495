"""Features that need no network: fixed random projections of 8x8 means."""

import numpy as np


class FakeFeatures:
    """A feature extractor as FID and KID expect it."""

    def __init__(self, size=16, seed=0, label="fake features"):
        self.size = size
        self.label = label
        self._seed = seed

    def __call__(self, images):
        assert images.dtype == "float32"
        batch, height, width, channels = images.shape
        cells = images.reshape(batch, height // 8, 8, width // 8, 8, channels)
        means = cells.mean(axis=(2, 4)).reshape(batch, -1)
        random = np.random.default_rng(self._seed)
        projection = random.standard_normal((means.shape[1], self.size))
        return (means @ projection).astype("float32")


class NaNFeatures(FakeFeatures):
    """As after a training that went wrong: the second image of a batch is NaN."""

    def __call__(self, images):
        features = super().__call__(images)
        features[1:2, 3] = np.nan
        return features


def pictures(count, seed, brightness=0.0, size=16):
    """Random images `(count, size, size, 3)` in [-1, 1]."""
    random = np.random.default_rng(seed)
    images = random.uniform(-1, 1, (count, size, size, 3)) + brightness
    return np.clip(images, -1, 1).astype("float32")


def batches(images, size):
    """A stream of batches, which can be iterated once."""
    return (images[start : start + size] for start in range(0, len(images), size))
