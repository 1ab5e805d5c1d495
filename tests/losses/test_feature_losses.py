"""Losses on features: their numbers, their adapters, and that these learn."""

import keras
import numpy as np
import pytest
from keras import ops

from crd_keras.losses import ChannelDistillation, FeatureMSELoss
from crd_keras.models import mobile_resnet_generator
from tests import tiny

LOSSES = (FeatureMSELoss, ChannelDistillation)
SOURCE, TARGET = tiny.images(4, seed=0), tiny.images(4, seed=1)


def features(channels, seed, data_format):
    shape = (3, 5, 4, channels)
    values = np.random.default_rng(seed).normal(size=shape).astype("float32")
    return values if data_format == "channels_last" else values.transpose(0, 3, 1, 2)


def connected(loss_class, data_format):
    """A loss between a teacher of 6 and a student of 2 channels in layer "layer"."""

    def model(channels):
        shape = (None, None, 3) if data_format == "channels_last" else (3, None, None)
        inputs = keras.Input(shape)
        layer = keras.layers.Conv2D(
            channels,
            1,
            data_format=data_format,
            name="layer",
            kernel_initializer="he_normal",
        )
        return keras.Model(inputs, layer(inputs))

    loss = loss_class(["layer"], data_format=data_format)
    loss.connect(model(6), model(2))
    return loss


def float64(values, data_format):
    values = np.float64(values)
    return values if data_format == "channels_last" else values.transpose(0, 2, 3, 1)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_feature_mse_against_numpy(data_format):
    if data_format == "channels_first" and keras.backend.backend() == "tensorflow":
        data_format = "channels_last"  # no such convolution on TensorFlow's CPU
    loss = connected(FeatureMSELoss, data_format)
    teacher, student = (features(c, c, data_format) for c in (6, 2))
    kernel, bias = map(np.float64, loss.adapters[0].get_weights())
    adapted = float64(student, data_format) @ kernel[0, 0] + bias
    expected = ((float64(teacher, data_format) - adapted) ** 2).mean()
    received = loss({"layer": ops.array(teacher)}, {"layer": ops.array(student)})
    assert float(received) == pytest.approx(expected, rel=1e-5)


def test_channel_distillation_against_numpy():
    loss = connected(ChannelDistillation, "channels_last")
    teacher, student = (features(c, c, "channels_last") for c in (6, 2))
    kernel, scale = map(np.float64, loss.adapters[0].get_weights()[:2])
    x = np.float64(student) @ kernel[0, 0]
    x = (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-5)
    difference = np.float64(teacher).mean((1, 2)) - np.maximum(x * scale, 0).mean(
        (1, 2)
    )
    received = loss({"layer": ops.array(teacher)}, {"layer": ops.array(student)})
    assert float(received) == pytest.approx((difference**2).mean(), rel=1e-5)


@pytest.mark.parametrize("loss_class", LOSSES)
def test_student_and_adapters_learn(loss_class, tmp_path):
    def new():
        trainer = tiny.trainer(
            paired=True,
            distillation_losses={"features": loss_class(["down"])},
            adversarial_weight=0.0,
        )
        trainer.compile(student_optimizer=keras.optimizers.Adam(0.02))
        return trainer

    def fit(trainer, **arguments):
        return trainer.fit(
            SOURCE, TARGET, batch_size=2, shuffle=False, verbose=0, **arguments
        ).history

    trainer = new()
    (loss,) = trainer.feature_losses
    before = [np.array(w) for w in loss.get_weights()]
    history = fit(trainer, epochs=4)
    assert history["features"] == pytest.approx(history["loss"], rel=1e-6)
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    assert not np.array_equal(before[0], loss.get_weights()[0])

    # The adapters are saved, once, and go on from where they were.
    trainer.save_weights(tmp_path / "trainer.weights.h5")
    loaded = new()
    loaded.build((None, tiny.SIZE, tiny.SIZE, 3))
    loaded.load_weights(tmp_path / "trainer.weights.h5")
    for a, b in zip(loss.get_weights(), loaded.feature_losses[0].get_weights()):
        np.testing.assert_array_equal(a, b)
    trainer.save(tmp_path / "trainer.keras")
    loaded = keras.saving.load_model(tmp_path / "trainer.keras")
    np.testing.assert_allclose(
        fit(loaded, epochs=5, initial_epoch=4)["loss"],
        fit(trainer, epochs=5, initial_epoch=4)["loss"],
        rtol=1e-4,
    )


def test_the_generators_have_the_published_layers():
    layers = ("down2_relu", "block3", "block6", "block9")
    teacher = mobile_resnet_generator(filters=8)
    student = mobile_resnet_generator(filters=4)
    loss = FeatureMSELoss(layers)
    loss.connect(teacher, student)
    shapes = [adapter.kernel.shape for adapter in loss.adapters]
    assert shapes == [(1, 1, 16, 32)] * 4


@pytest.mark.parametrize("loss_class", LOSSES)
def test_adapters_start_as_in_the_programs(loss_class):
    adapter = loss_class(["layer"], seed=0).make_adapter(64, seed=0)
    adapter.build((None, None, None, 64))
    weights = list(map(ops.convert_to_numpy, adapter.trainable_weights))
    # Means and standard deviations, to four standard errors. Offsets are 0.
    expected = {
        FeatureMSELoss: [(0, 64**2)],
        ChannelDistillation: [(0, 64**2), (1, 64)],
    }
    for values, (mean, count) in zip(weights, expected[loss_class]):
        assert values.size == count
        assert values.mean() == pytest.approx(mean, abs=4 * 0.02 / count**0.5)
        assert values.std() == pytest.approx(0.02, rel=4 / (2 * count) ** 0.5)
    assert not weights[-1].any()


def test_bad_layers():
    with pytest.raises(ValueError, match="`layers` must be a list .*Received: 'down'"):
        FeatureMSELoss("down")
    with pytest.raises(ValueError, match="`layers` must name layers .*\\['up'\\]"):
        tiny.trainer(distillation_losses={"features": FeatureMSELoss(["up"])})
