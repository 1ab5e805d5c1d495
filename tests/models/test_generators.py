"""Both ResNet generators: they differ in their residual blocks only."""

import functools

import keras
import numpy as np
import pytest
from benchmarks.plain_pytorch import networks as plain_pytorch

from crd_keras.models import (
    mobile_resnet_generator,
    resnet_generator,
    unet_generator,
)
from crd_keras.models.layer_factory import LayerFactory
from tests.models.model_checks import (
    check_channels_first,
    check_round_trip,
    check_seed,
    images,
    run,
    trainable_parameters,
)
from tests.models.torch_reference import copy_weights, run_torch

BUILDERS = [resnet_generator, mobile_resnet_generator]
both = pytest.mark.parametrize("build", BUILDERS, ids=lambda b: b.__name__)


@pytest.mark.parametrize(
    "build, filters, parameters",
    [
        (resnet_generator, 64, 11_378_179),
        (mobile_resnet_generator, 64, 1_987_075),
        (mobile_resnet_generator, 16, 137_347),
    ],
)
def test_parameters_of_the_published_networks(build, filters, parameters):
    model = build(filters=filters, blocks=9)
    assert trainable_parameters(model) == parameters
    assert model.count_params() == parameters


@both
@pytest.mark.parametrize("height, width", [(64, 64), (64, 96)])
def test_same_output_as_pytorch(build, height, width):
    model = build(filters=8, blocks=2, seed=0)
    # Biases start at zero, where a wrong one would not show.
    rng = np.random.default_rng(0)
    model.set_weights(
        [w + rng.normal(0, 0.1, w.shape).astype("float32") for w in model.get_weights()]
    )
    reference = plain_pytorch.resnet_generator(
        8, 2, mobile=build is mobile_resnet_generator
    )
    copy_weights(model, reference)
    x = images(height, width)
    expected = run_torch(reference, x, training=True)
    result = run(model, x)
    assert result.shape == (2, height, width, 3)
    assert result.std() > 0.1
    np.testing.assert_allclose(result, expected, atol=1e-4)


@both
def test_symbolic_shapes(build):
    assert build(filters=4, blocks=1).output_shape == (None, None, None, 3)
    model = build((64, 96, 6), filters=4, blocks=1, output_channels=1)
    assert model.input_shape == (None, 64, 96, 6)
    assert model.output_shape == (None, 64, 96, 1)
    model = build((3, 64, 96), filters=4, blocks=1, data_format="channels_first")
    assert model.output_shape == (None, 3, 64, 96)


@both
def test_channels_first(build):
    check_channels_first(functools.partial(build, filters=8, blocks=2))


@both
def test_global_data_format_is_the_default(build):
    keras.config.set_image_data_format("channels_first")
    try:
        model = build(filters=4, blocks=1)
    finally:
        keras.config.set_image_data_format("channels_last")
    assert model.input_shape == (None, 3, None, None)


@both
def test_seed(build):
    check_seed(functools.partial(build, filters=4, blocks=1))


@both
def test_initial_weights(build):
    model = build(filters=64, blocks=1, seed=0)
    kernels = [w.ravel() for w in model.get_weights() if w.ndim == 4]
    assert np.concatenate(kernels).std() == pytest.approx(0.02, rel=0.01)
    assert all(kernel.std() == pytest.approx(0.02, rel=0.05) for kernel in kernels)
    assert not any(w.any() for w in model.get_weights() if w.ndim == 1)


def test_weights_of_a_seed_are_the_same_on_each_backend():
    stem = mobile_resnet_generator(filters=4, blocks=1, seed=7).get_layer("stem")
    expected = [-0.01370902, -0.01850331, -0.00532283]
    np.testing.assert_allclose(stem.get_weights()[0][0, 0, 0, :3], expected, atol=1e-7)


@both
def test_round_trip(build, tmp_path):
    model = build(filters=4, blocks=1, dropout=0.5, seed=0)
    check_round_trip(model, str(tmp_path / "generator.keras"))


@both
def test_dropout_acts_in_training_only(build):
    model = build(filters=4, blocks=1, dropout=0.5, seed=0)
    x = images(32, 32)
    still = run(model, x, training=False)
    np.testing.assert_array_equal(run(model, x, training=False), still)
    assert np.abs(run(model, x, training=True) - still).max() > 1e-3


@both
def test_mixed_precision_gives_float32_images(build):
    x = images(32, 32)
    expected = run(build(filters=8, blocks=1, seed=0), x)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(filters=8, blocks=1, seed=0)
    finally:
        keras.config.set_dtype_policy("float32")
    result = run(model, x)
    assert result.dtype == np.float32
    assert np.abs(result - expected).mean() < 0.02


@both
@pytest.mark.parametrize("argument", ["filters", "blocks", "output_channels"])
def test_counts_below_one_are_refused(build, argument):
    with pytest.raises(ValueError, match=f"`{argument}` must be.*Received: 0"):
        build(**{argument: 0})


@both
def test_sizes_not_divisible_by_four_are_refused(build):
    with pytest.raises(ValueError, match=r"`input_shape` must be divisible by 4.*66"):
        build((64, 66, 3), filters=4, blocks=1)
    with pytest.raises(ValueError, match=r"`input_shape` must be divisible by 4.*66"):
        build((3, 66, 64), filters=4, blocks=1, data_format="channels_first")


@both
def test_unknown_data_format_is_refused(build):
    with pytest.raises(ValueError, match="`data_format` must be.*Received: NCHW"):
        build(data_format="NCHW")
    with pytest.raises(ValueError, match="`upsampling` must be.*Received: nearest"):
        build(upsampling="nearest")


@pytest.mark.parametrize("method", ["upsampling_conv", "doubling_conv"])
def test_resizing_leaves_no_checkerboard(method):
    """Of an even plane it makes an even plane, a transposed convolution does not."""
    spread = {}
    for upsampling in ("transposed", "resize"):
        make = LayerFactory("channels_last", seed=0, upsampling=upsampling)
        plane = np.ones((1, 6, 6, 4), "float32")
        doubled = keras.ops.convert_to_numpy(getattr(make, method)(3)(plane))
        assert doubled.shape == (1, 12, 12, 3)
        spread[upsampling] = doubled[:, 2:-2, 2:-2].std(axis=(1, 2)).max()
    assert spread["resize"] < 1e-6 < 1e-3 < spread["transposed"]


@pytest.mark.parametrize(
    ("build", "more"),
    [
        # Kernels of 3x3 in place of those of 3x3 and 4x4.
        (resnet_generator, 0),
        (mobile_resnet_generator, 0),
        (
            lambda **kwargs: unet_generator(downs=3, **kwargs),
            (9 - 16) * (16 * 8 + 2 * 8 * 4 + 2 * 4 * 3),
        ),
    ],
)
def test_parameters_with_resizing(build, more):
    transposed = build(filters=4, seed=0)
    resized = build(filters=4, seed=0, upsampling="resize")
    assert resized.count_params() == transposed.count_params() + more
    x = images(32, 48)
    assert run(resized, x).shape == run(transposed, x).shape
