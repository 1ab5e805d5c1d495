import functools

import keras
import numpy as np
import pytest
from benchmarks.plain_pytorch import networks as plain_pytorch

from crd_keras.models import unet_generator
from tests.models.model_checks import (
    check_channels_first,
    check_round_trip,
    check_seed,
    images,
    run,
    trainable_parameters,
)
from tests.models.torch_reference import copy_weights, run_torch

small = functools.partial(unet_generator, filters=4, downs=3)


def test_parameters_of_the_published_networks():
    assert trainable_parameters(unet_generator(filters=16)) == 3_404_451
    # The teacher's 54,413,955 are counted in tests/test_complexity.py.


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("downs, size", [(5, (64, 96)), (2, (12, 8)), (1, (6, 4))])
def test_same_output_as_pytorch(downs, size, training):
    model = unet_generator(filters=4, downs=downs, seed=0)
    # Biases, offsets and moving statistics start where a wrong one would not show.
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            w + rng.normal(0, 0.1, w.shape)
            if w.ndim == 4
            else rng.uniform(0.1, 1, w.shape)
            for w in model.get_weights()
        ]
    )
    reference = plain_pytorch.unet_generator(4, downs)
    copy_weights(model, reference)
    x = images(*size)
    expected = run_torch(reference, x, training)
    result = run(model, x, training=training)
    assert result.shape == x.shape
    assert result.std() > 0.05
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_channels_and_batch_norms_of_the_published_network():
    model = unet_generator((256, 256, 3), filters=16)
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    widths = [16, 32, 64, 128, 128, 128, 128, 128]
    for level, width in enumerate(widths, start=1):
        size = 256 // 2**level
        assert shapes[f"down{level}"] == (size, size, width)
        if level < 8:
            assert shapes[f"skip{level}"] == (size, size, 2 * width)
    assert shapes["up1"] == (256, 256, 3)
    norm = keras.layers.BatchNormalization
    assert sum(isinstance(layer, norm) for layer in model.layers) == 6 + 7


def test_symbolic_shapes():
    assert small().output_shape == (None, None, None, 3)
    model = small((64, 96, 6), output_channels=1)
    assert model.input_shape == (None, 64, 96, 6)
    assert model.output_shape == (None, 64, 96, 1)
    model = small((3, 64, 96), data_format="channels_first")
    assert model.output_shape == (None, 3, 64, 96)


def test_channels_first():
    check_channels_first(small)


def test_seed():
    check_seed(small)


def test_initial_weights():
    model = unet_generator(filters=32, downs=4, seed=0)
    for weight in model.get_weights():
        if weight.ndim == 4:
            assert weight.std() == pytest.approx(0.02, rel=0.05)
    assert not model.get_layer("up1").bias.numpy().any()
    unbiased = [f"down{n}" for n in (1, 2, 3, 4)] + ["up2", "up3", "up4"]
    assert not any(model.get_layer(name).use_bias for name in unbiased)


def test_round_trip(tmp_path):
    check_round_trip(small(dropout=0.5, seed=0), str(tmp_path / "generator.keras"))


def test_dropout_in_the_wide_levels_but_the_innermost():
    def sizes(downs):
        model = unet_generator((256, 256, 3), filters=2, downs=downs, dropout=0.5)
        layers = [x for x in model.layers if isinstance(x, keras.layers.Dropout)]
        return [layer.output.shape[1] for layer in layers]

    assert sizes(8) == [4, 8, 16]
    assert sizes(6) == [16]
    assert sizes(5) == []


def test_dropout_acts_in_training_only():
    model = unet_generator(filters=2, downs=6, dropout=0.5, seed=0)
    x = images(64, 64)
    for training in (False, True):
        first, second = (run(model, x, training=training) for _ in range(2))
        assert (np.abs(first - second).max() > 1e-5) == training


def test_mixed_precision_gives_float32_images():
    x = images(32, 32)
    expected = run(small(seed=0), x)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = small(seed=0)
    finally:
        keras.config.set_dtype_policy("float32")
    result = run(model, x)
    assert result.dtype == np.float32
    assert np.abs(result - expected).mean() < 0.02


@pytest.mark.parametrize("argument", ["filters", "downs", "output_channels"])
def test_counts_below_one_are_refused(argument):
    with pytest.raises(ValueError, match=f"`{argument}` must be.*Received: 0"):
        unet_generator(**{argument: 0})


def test_sizes_that_cannot_be_halved_are_refused():
    with pytest.raises(ValueError, match=r"`input_shape` must be divisible by 8 .*68"):
        small((64, 68, 3))
    with pytest.raises(ValueError, match=r"`input_shape` must be divisible by 8 .*68"):
        small((3, 68, 64), data_format="channels_first")
    # A model for any size says so when it is called.
    with pytest.raises(ValueError, match="divisible by 8. *Received: 64x68"):
        run(small(), images(64, 68))
    with pytest.raises(ValueError, match="divisible by 8. *Received: 64x68"):
        small().compute_output_shape((None, 64, 68, 3))


def test_unknown_data_format_is_refused():
    with pytest.raises(ValueError, match="`data_format` must be.*Received: NCHW"):
        unet_generator(data_format="NCHW")
