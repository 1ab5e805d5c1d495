import keras
import numpy as np
import pytest
from scipy import ndimage

from crd_keras.losses import PerceptualLoss
from tests.gradients import value_and_gradient


def features(data_format="channels_last"):
    """Three ReLU convolutions; the second halves the size."""
    shape = (12, 16, 3) if data_format == "channels_last" else (3, 12, 16)
    inputs = keras.Input(shape)
    outputs, x = [], inputs
    for filters, strides in ((4, 1), (6, 2), (5, 1)):
        x = keras.layers.Conv2D(
            filters,
            3,
            strides,
            activation="relu",
            data_format=data_format,
            kernel_initializer=keras.initializers.GlorotUniform(seed=filters),
        )(x)
        outputs.append(x)
    return keras.Model(inputs, outputs)


def images(seed, batch=2):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (batch, 12, 16, 3)).astype("float32")


def reference_features(model, image):
    """The feature maps of one image, in float64."""
    x, maps = np.float64(image), []
    for layer in model.layers[1:]:
        kernel, bias = map(np.float64, layer.get_weights())
        maps_of_filters = [
            sum(
                ndimage.correlate(x[..., c], kernel[..., c, f], mode="constant")
                for c in range(x.shape[-1])
            )[1:-1, 1:-1][:: layer.strides[0], :: layer.strides[1]]
            for f in range(kernel.shape[-1])
        ]
        x = np.maximum(np.stack(maps_of_filters, axis=-1) + bias, 0)
        maps.append(x)
    return maps


def reference_terms(model, teacher, student, feature_layer=1):
    styles, errors = [], []
    for images_of_pair in zip(teacher, student, strict=True):
        theirs, ours = (reference_features(model, x) for x in images_of_pair)
        styles.append(
            sum(
                np.abs(_gram(a) - _gram(b)).mean()
                for a, b in zip(theirs, ours, strict=True)
            )
        )
        errors.append(np.abs(theirs[feature_layer] - ours[feature_layer]).mean())
    return np.mean(styles), np.mean(errors)


def _gram(maps):
    x = maps.reshape(-1, maps.shape[-1])
    return x.T @ x / maps.size


@pytest.mark.parametrize("feature_layer", [1, 2])
def test_against_the_definition(feature_layer):
    model, teacher, student = features(), images(0), images(1)
    loss = PerceptualLoss(model, feature_layer=feature_layer)
    value, terms = loss.value_and_terms(teacher, student)
    style, feature = reference_terms(model, teacher, student, feature_layer)
    assert float(terms["style"]) == pytest.approx(style, rel=1e-5)
    assert float(terms["feature"]) == pytest.approx(feature, rel=1e-5)
    assert float(value) == pytest.approx(1e4 * style + 10 * feature, rel=1e-5)
    assert float(loss(teacher, student)) == pytest.approx(float(value), rel=1e-6)


def test_weights_and_reduction():
    model, teacher, student = features(), images(0), images(1)
    loss = PerceptualLoss(model, style_weight=3, feature_weight=0.5, reduction="sum")
    style, feature = reference_terms(model, teacher, student)
    expected = 2 * (3 * style + 0.5 * feature)
    assert float(loss(teacher, student)) == pytest.approx(expected, rel=1e-5)


def test_gradients():
    model, teacher, student = features(), images(0), images(1)
    loss = PerceptualLoss(model, style_weight=100)
    # The second part keeps the value connected to the teacher.
    _, gradient = value_and_gradient(
        lambda x: loss(x, student) + keras.ops.sum(x), teacher
    )
    np.testing.assert_array_equal(gradient, np.ones_like(teacher))

    def reference(x):
        style, feature = reference_terms(model, teacher, x)
        return 100 * style + 10 * feature

    _, gradient = value_and_gradient(lambda x: loss(teacher, x), student)
    direction = np.random.default_rng(2).normal(size=student.shape)
    step = 1e-6 * direction
    expected = (reference(student + step) - reference(student - step)) / 2e-6
    usual = np.linalg.norm(gradient) * np.linalg.norm(direction) / gradient.size**0.5
    assert np.sum(gradient * direction) == pytest.approx(expected, abs=1e-3 * usual)


def test_channels_first():
    last, first = features(), features("channels_first")
    first.set_weights(last.get_weights())
    expected = PerceptualLoss(last)(images(0), images(1))
    loss = PerceptualLoss(first, data_format="channels_first")
    result = loss(*(images(seed).transpose(0, 3, 1, 2) for seed in (0, 1)))
    assert float(result) == pytest.approx(float(expected), rel=1e-5)


def test_config_round_trip():
    loss = PerceptualLoss(
        features(), 3.0, 0.5, 0, "channels_last", reduction="sum", name="vgg"
    )
    config = keras.saving.serialize_keras_object(loss)
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is PerceptualLoss
    restored.features.set_weights(loss.features.get_weights())
    assert (restored.name, restored.feature_layer) == ("vgg", 0)
    assert float(restored(images(0), images(1))) == float(loss(images(0), images(1)))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`feature_layer` must.*feature_layer=3"):
        PerceptualLoss(features(), feature_layer=3)
    with pytest.raises(ValueError, match="`data_format` must.*'NCHW'"):
        PerceptualLoss(features(), data_format="NCHW")
    with pytest.raises(ValueError, match="`reduction` must.*reduction='none'"):
        PerceptualLoss(features(), reduction="none")
    loss = PerceptualLoss(features())
    with pytest.raises(ValueError, match="same shape.*2, 12, 16, 3.*1, 12, 16, 3"):
        loss(images(0), images(1, batch=1))
