import functools

import numpy as np
import pytest
from benchmarks.plain_pytorch import networks as plain_pytorch

from crd_keras.models import patch_discriminator
from tests.models.model_checks import (
    check_channels_first,
    check_round_trip,
    check_seed,
    images,
    run,
    trainable_parameters,
)
from tests.models.torch_reference import copy_weights, run_torch

NORMS = ["instance", "batch"]


def test_parameters_of_the_published_networks():
    assert trainable_parameters(patch_discriminator(filters=64)) == 2_764_737
    pairs = patch_discriminator((None, None, 6), filters=128, norm="batch")
    assert trainable_parameters(pairs) == 11_042_433


def test_symbolic_shapes():
    model = patch_discriminator((256, 256, 3), filters=4)
    assert model.output_shape == (None, 30, 30, 1)
    model = patch_discriminator((3, 256, 512), filters=4, data_format="channels_first")
    assert model.output_shape == (None, 1, 30, 62)
    assert patch_discriminator(filters=4).output_shape == (None, None, None, 1)
    assert patch_discriminator((256, 256, 3), 4, layers=1).output_shape[1] == 126


@pytest.mark.parametrize("size, layers", [(64, 1), (64, 4), (68, 3)])
@pytest.mark.parametrize(
    "norm, training", [("instance", False), ("batch", False), ("batch", True)]
)
def test_same_output_as_pytorch(size, layers, norm, training):
    model = patch_discriminator(filters=4, layers=layers, norm=norm, seed=0)
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            w + rng.uniform(0, 0.2, w.shape).astype("float32")
            for w in model.get_weights()
        ]
    )
    reference = plain_pytorch.patch_discriminator(4, layers, norm)
    copy_weights(model, reference)
    x = images(size, size)
    expected = run_torch(reference, x, training)
    result = run(model, x, training=training)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
def test_channels_first(norm):
    check_channels_first(functools.partial(patch_discriminator, filters=4, norm=norm))


@pytest.mark.parametrize("norm", NORMS)
def test_seed(norm):
    check_seed(functools.partial(patch_discriminator, filters=4, norm=norm))


@pytest.mark.parametrize("norm", NORMS)
def test_round_trip(norm, tmp_path):
    model = patch_discriminator(filters=4, norm=norm, seed=0)
    check_round_trip(model, str(tmp_path / "discriminator.keras"))


def test_initial_batch_norm():
    model = patch_discriminator(filters=64, norm="batch", seed=0)
    gamma, beta, mean, variance = model.layers[-4].get_weights()
    assert gamma.shape == (512,)
    assert gamma.mean() == pytest.approx(1.0, abs=0.005)
    assert gamma.std() == pytest.approx(0.02, rel=0.1)
    assert not beta.any() and not mean.any() and (variance == 1).all()


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`filters` must be.*Received: 0"):
        patch_discriminator(filters=0)
    with pytest.raises(ValueError, match="`layers` must be.*Received: 0"):
        patch_discriminator(layers=0)
    with pytest.raises(ValueError, match="`norm` must be.*Received: group"):
        patch_discriminator(norm="group")
