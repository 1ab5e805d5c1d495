"""Parameters and MACs against the published networks and formulas by hand."""

import keras
import numpy as np
import pytest

from crd_keras.complexity import Complexity, complexity
from crd_keras.models import (
    mobile_resnet_generator,
    patch_discriminator,
    resnet_generator,
    unet_generator,
)

pytestmark = pytest.mark.any_backend


def resnet_macs(filters, mobile):
    """(true, paper) MACs of a generator with 9 blocks at 256x256, by hand."""
    f = filters
    ends = 256**2 * 7 * 7 * (3 * f + f * 3)
    down = 128**2 * 9 * f * 2 * f + 64**2 * 9 * 2 * f * 4 * f
    per_position = 9 * 4 * f + (4 * f) ** 2 if mobile else 9 * (4 * f) ** 2
    blocks = 9 * 2 * 64**2 * per_position
    up = 64**2 * 9 * 4 * f * 2 * f + 128**2 * 9 * 2 * f * f
    return ends + down + blocks + up, ends + down + blocks + 4 * up


def unet_macs(filters):
    """(true, paper) MACs of a U-Net with 8 downs at 256x256, by hand."""
    channels = [3] + [filters * min(2**level, 8) for level in range(8)]
    levels = list(zip(channels, channels[1:], (2**k for k in range(7, -1, -1))))
    # What comes up is joined with what went down, in all levels but the innermost.
    down = sum(size**2 * 16 * outer * inner for outer, inner, size in levels)
    up = sum(size**2 * 16 * outer * 2 * inner for outer, inner, size in levels)
    up -= 16 * channels[-2] * channels[-1]
    normalised = sum(size**2 * inner for _, inner, size in levels[1:-1])
    normalised += sum((2 * size) ** 2 * outer for outer, _, size in levels[1:])
    return down + up, down + 4 * up + normalised


def patchgan_macs(filters, channels):
    """MACs of the convolutions of a PatchGAN with 3 layers at 256x256, by hand."""
    f = filters
    return 16 * (
        128**2 * channels * f
        + 64**2 * f * 2 * f
        + 32**2 * 2 * f * 4 * f
        + 31**2 * 4 * f * 8 * f
        + 30**2 * 8 * f
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "builder, filters, parameters, paper, true",
    [
        (resnet_generator, 64, 11_378_179, "56.80", "49.55"),
        (mobile_resnet_generator, 64, 1_987_075, "18.31", "11.07"),
        (mobile_resnet_generator, 16, 137_347, "1.408", "0.955"),
    ],
)
def test_published_generators(builder, filters, parameters, paper, true, data_format):
    model = builder(filters=filters, blocks=9, data_format=data_format)
    result = complexity(model)
    assert result.parameters == parameters
    digits = len(paper.split(".")[1])
    assert f"{result.macs_paper / 1e9:.{digits}f}" == paper
    assert f"{result.macs / 1e9:.{digits}f}" == true
    by_hand = resnet_macs(filters, builder is mobile_resnet_generator)
    assert (result.macs, result.macs_paper) == by_hand


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "filters, parameters, paper, true",
    [(64, 54_413_955, "18.14", "6.05"), (16, 3_404_451, "1.219", "0.406")],
)
def test_published_u_nets(filters, parameters, paper, true, data_format):
    result = complexity(unet_generator(filters=filters, data_format=data_format))
    assert result.parameters == parameters
    digits = len(paper.split(".")[1])
    assert f"{result.macs_paper / 1e9:.{digits}f}" == paper
    assert f"{result.macs / 1e9:.{digits}f}" == true
    assert (result.macs, result.macs_paper) == unet_macs(filters)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "filters, channels, norm, parameters, paper",
    [
        (64, 3, "instance", 2_764_737, "3.147"),
        (128, 6, "batch", 11_042_433, "12.575"),
    ],
)
def test_published_discriminators(
    filters, channels, norm, parameters, paper, data_format
):
    shape = (None, None, channels)
    if data_format == "channels_first":
        shape = (channels, None, None)
    model = patch_discriminator(
        shape, filters=filters, layers=3, norm=norm, data_format=data_format
    )
    result = complexity(model)
    assert result.parameters == parameters
    assert f"{result.macs_paper / 1e9:.3f}" == paper
    assert result.macs == patchgan_macs(filters, channels)
    normalised = (64**2 * 2 + 32**2 * 4 + 31**2 * 8) * filters
    expected = result.macs + (normalised if norm == "batch" else 0)
    assert result.macs_paper == expected


def sequential(layers, shape):
    return keras.Sequential([keras.Input(shape), *layers])


def test_conv_variants_by_hand():
    conv, depthwise = keras.layers.Conv2D, keras.layers.DepthwiseConv2D
    cases = [
        (conv(6, (3, 5), groups=2), 4 * 10 * 3 * 5 * 2 * 6, 3 * 5 * 2 * 6 + 6),
        (conv(5, 3, dilation_rate=2), 2 * 10 * 9 * 4 * 5, 9 * 4 * 5 + 5),
        (conv(5, 3, strides=2, padding="same"), 3 * 7 * 9 * 4 * 5, 9 * 4 * 5 + 5),
        (depthwise(3, depth_multiplier=2), 4 * 12 * 9 * 8, 9 * 8 + 8),
        (depthwise(3, strides=2, use_bias=False), 2 * 6 * 9 * 4, 9 * 4),
        (
            keras.layers.SeparableConv2D(5, 3, strides=2, depth_multiplier=2),
            2 * 6 * (9 * 8 + 8 * 5),
            9 * 8 + 8 * 5 + 5,
        ),
    ]
    for layer, macs, parameters in cases:
        result = complexity(sequential([layer], (6, 14, 4)))
        assert result == Complexity(parameters, macs, macs), layer.name


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_transposed_conv_by_hand(padding, data_format):
    layer = keras.layers.Conv2DTranspose(
        5, 3, strides=(2, 3), padding=padding, data_format=data_format
    )
    shape = (6, 7, 4) if data_format == "channels_last" else (4, 6, 7)
    kernel = 3 * 3 * 4 * 5
    result = complexity(sequential([layer], shape))
    assert result == Complexity(kernel + 5, 6 * 7 * kernel, 12 * 21 * kernel)


def test_dense_of_images_and_of_vectors():
    result = complexity(sequential([keras.layers.Dense(7)], (4, 5, 3)))
    assert result == Complexity(3 * 7 + 7, 4 * 5 * 3 * 7, 4 * 5 * 3 * 7)
    layers = [keras.layers.Flatten(), keras.layers.Dense(7, use_bias=False)]
    assert complexity(sequential(layers, (4, 5, 3))) == Complexity(420, 420, 420)


@pytest.mark.parametrize(
    "normalization",
    [
        keras.layers.BatchNormalization,
        keras.layers.GroupNormalization,
        keras.layers.LayerNormalization,
    ],
)
def test_normalization_counts_only_in_the_paper_s_way(normalization):
    arguments = {"groups": 2} if "Group" in normalization.__name__ else {}
    result = complexity(sequential([normalization(**arguments)], (4, 5, 6)))
    assert result == Complexity(parameters=12, macs=0, macs_paper=4 * 5 * 6)
    plain = normalization(center=False, scale=False, **arguments)
    assert complexity(sequential([plain], (4, 5, 6))) == Complexity(0, 0, 0)


def test_size_fills_what_the_model_leaves_open():
    conv = keras.layers.Conv2D(2, 1)
    open_model = sequential([conv], (None, None, 3))
    assert complexity(open_model, image_size=8).macs == 8 * 8 * 6
    assert complexity(open_model, image_size=(4, 6)).macs == 4 * 6 * 6
    assert complexity(open_model, input_shape=(5, 7, 3)).macs == 5 * 7 * 6
    fixed = sequential([keras.layers.Conv2D(2, 1)], (5, 4, 3))
    assert complexity(fixed, image_size=8).macs == 5 * 4 * 6


def test_nested_and_shared_layers():
    inner = sequential([keras.layers.Conv2D(3, 1, use_bias=False)], (None, None, 3))
    inputs = keras.Input((None, None, 3))
    x = inner(inner(inputs))  # called twice, its weights exist once
    other = keras.Input((None, None, 3))
    outputs = keras.layers.Dense(4)(keras.layers.Concatenate()([x, other]))
    model = keras.Model([inputs, other], outputs)
    macs = 8 * 8 * (2 * 9 + 6 * 4)
    assert complexity(model, image_size=8) == Complexity(9 + 28, macs, macs)


def test_frozen_weights_count_and_moving_statistics_do_not():
    model = patch_discriminator((None, None, 3), filters=8, norm="batch")
    expected = complexity(model, 64)
    batch_norms = (16 + 32 + 64) * 2
    assert model.count_params() == expected.parameters + batch_norms
    model.trainable = False
    assert complexity(model, 64) == expected
    copy = keras.models.clone_model(model)
    copy.trainable = False
    assert complexity(copy, 64) == expected


class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.scale


def test_unknown_layer_with_weights_is_refused_unless_declared_free():
    model = sequential([keras.layers.Conv2D(2, 1), Scale(name="mine")], (4, 4, 3))
    with pytest.raises(ValueError, match="`free_layers` .* Received: Scale 'mine'"):
        complexity(model)
    result = complexity(model, free_layers=(Scale,))
    assert result == Complexity(8 + 2, 4 * 4 * 6, 4 * 4 * 6)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.convs = [keras.layers.Conv2D(3, 1) for _ in range(2)]

    def call(self, inputs):
        for conv in self.convs:
            inputs = conv(inputs)
        return inputs


def test_subclassed_model():
    model = Subclassed()
    with pytest.raises(ValueError, match="`model` must be built"):
        complexity(model, input_shape=(4, 4, 3))
    model(np.zeros((1, 2, 2, 3), "float32"))
    with pytest.raises(ValueError, match="`input_shape` is needed .* functional"):
        complexity(model)
    macs = 2 * 4 * 4 * 9
    assert complexity(model, input_shape=(4, 4, 3)) == Complexity(24, macs, macs)


def test_undetermined_input_is_refused():
    model = sequential([keras.layers.Conv2D(2, 1)], (None, 4, 3))
    with pytest.raises(ValueError, match=r"leaves open .*\(None, None, 4, 3\)"):
        complexity(model)


def test_model_is_left_as_it_was():
    conv = keras.layers.Conv2D(2, 3)
    model = sequential([conv], (None, None, 3))
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype("float32")
    before = keras.ops.convert_to_numpy(model(image))
    attributes = set(vars(conv))
    complexity(model, 8)
    with pytest.raises(Exception):  # noqa: B017  each backend has its own error
        complexity(model, input_shape=(8, 8, 5))
    assert set(vars(conv)) == attributes
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(model(image)), before)
