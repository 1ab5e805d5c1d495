"""The VGG distance against a NumPy definition; the VGG has random weights."""

import keras
import numpy as np
import pytest

from crd_keras.metrics import VGGDistance
from crd_keras.models import vgg16_features
from tests.metrics.fake_features import batches, pictures


@pytest.fixture(scope="module")
def features():
    return vgg16_features(None, blocks=2, data_format="channels_last", seed=0)


def reference_distances(features, images, targets):
    rounded = (np.rint(127.5 * x + 127.5) / 127.5 - 1 for x in (images, targets))
    total = 0
    for pair in zip(*map(features, rounded), strict=True):
        x, y = (keras.ops.convert_to_numpy(f).astype("float64") for f in pair)
        x, y = (f / (np.linalg.norm(f, axis=-1, keepdims=True) + 1e-10) for f in (x, y))
        total += ((x - y) ** 2).sum(axis=-1).mean(axis=(1, 2))
    return total


def test_matches_numpy(features):
    images, targets = pictures(5, 1), pictures(5, 2)
    metric = VGGDistance(features)
    score = metric.evaluate(batches(images, 2), batches(targets, 2))
    expected = reference_distances(features, images, targets)
    np.testing.assert_allclose(score, expected.mean(), rtol=1e-5)
    np.testing.assert_allclose(metric.results()["vgg_std"], expected.std(), rtol=1e-3)
    assert metric.evaluate([images], [images]) == 0
    assert metric.describe() == (
        "VGG distance (LPIPS without its learned weights): vgg16_features, images "
        "rounded to uint8, mean over 5 pairs of 16x16 pixels"
    )


def test_single_feature_map():
    """A model of one output, and features that are all 0."""
    inputs = keras.Input((None, None, 3))
    metric = VGGDistance(keras.Model(inputs, keras.layers.ReLU()(inputs)))
    black, white = -np.ones((1, 4, 4, 3)), np.ones((1, 4, 4, 3))
    assert metric.evaluate([black], [black]) == 0
    assert metric.evaluate([black], [white]) == pytest.approx(1.0)


def test_refuses(features):
    first = vgg16_features(None, blocks=1, data_format="channels_first", seed=0)
    with pytest.raises(ValueError, match=r"data_format='channels_last'.*\(None, 3, "):
        VGGDistance(first)
    broken = keras.models.clone_model(features)
    broken.set_weights([np.nan * w for w in features.get_weights()])
    with pytest.raises(ValueError, match="finite weights. Received: 'vgg16_features'"):
        VGGDistance(broken)
