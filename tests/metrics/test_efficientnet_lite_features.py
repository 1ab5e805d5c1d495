"""The features of EfficientNet-Lite0 for FID and KID."""

import keras
import numpy as np
import pytest

from crd_keras.metrics import EfficientNetLiteFeatures, KernelInceptionDistance
from crd_keras.models import efficientnet_lite_features


@pytest.fixture(scope="module")
def features():
    return EfficientNetLiteFeatures(None, seed=3)


def test_pooled_features_of_224_pixels(features):
    """Pictures of one colour, which resizing leaves as they are."""
    rng = np.random.default_rng(0)
    colours = (rng.integers(0, 256, (2, 1, 1, 3)) / 127.5 - 1).astype("float32")
    small, large = (np.tile(colours, (1, side, side, 1)) for side in (32, 224))
    network = efficientnet_lite_features(None, ("pooled",), seed=3)
    expected = keras.ops.convert_to_numpy(network(large))
    result = features(small)
    assert result.dtype == "float32"
    assert result.shape == expected.shape == (2, 1280) == (2, features.size)
    np.testing.assert_allclose(result, expected, atol=1e-4 * expected.max())


def test_float32_under_mixed_precision(features):
    images = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3))
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        other = EfficientNetLiteFeatures(None, seed=3)
    finally:
        keras.config.set_dtype_policy(policy)
    images = images.astype("float32")
    np.testing.assert_allclose(other(images), features(images), rtol=1e-5, atol=1e-6)


def test_nobody_takes_them_for_the_inceptions(features):
    assert features.label == (
        "1280 features of EfficientNet-Lite0 (RANDOM weights, seed 3; not the "
        "Inception of FID and KID), images rounded to uint8, bilinear to 224x224"
    )
    metric = KernelInceptionDistance(features)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    metric.evaluate([images], [images[::-1].copy()])
    assert metric.describe().startswith("KID: 1280 features of EfficientNet-Lite0 (")
