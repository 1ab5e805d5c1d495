"""Losses between images under Keras' own distiller."""

import keras
import numpy as np
import pytest
from keras.distillation import Distiller

from crd_keras.losses import ContentRelationLoss, ImageDistillation, PerceptualLoss
from tests import tiny
from tests.losses.test_perceptual import features

SOURCE, TARGET = tiny.images(4, seed=0), tiny.images(4, seed=1)


def distiller(losses, **arguments):
    model = Distiller(
        tiny.generator(8, seed=1),
        tiny.generator(4, seed=5),
        distillation_losses=losses,
        **arguments,
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mae")
    return model


def outputs(model):
    return [
        keras.ops.convert_to_numpy(network(SOURCE))
        for network in (model.teacher, model.student)
    ]


def test_trains_saves_loads_and_goes_on(tmp_path):
    relation = ContentRelationLoss(("row", "patch"), patch_size=8)
    model = distiller([ImageDistillation(relation)], student_loss_weight=0.25)
    teacher, student = outputs(model)
    expected = float(relation(teacher, student))
    assert expected > 0
    logs = model.evaluate(SOURCE, TARGET, batch_size=4, verbose=0, return_dict=True)
    assert logs["distillation_loss"] == pytest.approx(expected, rel=1e-5)
    mae = np.abs(student - TARGET).mean()
    assert logs["total_loss"] == pytest.approx(0.25 * mae + 0.75 * expected, rel=1e-5)

    model.fit(SOURCE, TARGET, batch_size=2, verbose=0)
    trained_teacher, trained = outputs(model)
    np.testing.assert_array_equal(trained_teacher, teacher)
    assert not np.array_equal(trained, student)

    model.save(tmp_path / "distiller.keras")
    restored = keras.saving.load_model(tmp_path / "distiller.keras")
    for ours, theirs in zip(outputs(model), outputs(restored), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    loss = restored.distillation_losses[0].loss
    assert type(loss) is ContentRelationLoss
    assert loss.get_config() == relation.get_config()
    for continued in (model, restored):
        # Keras does not compile a distiller that it loads.
        continued.compile(optimizer="adam", loss="mae")
        continued.fit(SOURCE, TARGET, batch_size=2, shuffle=False, verbose=0)
    for ours, theirs in zip(outputs(model), outputs(restored), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_networks_of_a_loss_are_frozen_and_saved(tmp_path):
    network = features()
    # Not what its initializers would give again.
    network.set_weights([weight + 1 for weight in network.get_weights()])
    model = distiller([ImageDistillation(PerceptualLoss(network))])
    assert not network.trainable_variables
    model(SOURCE)
    model.save(tmp_path / "distiller.keras")
    restored = keras.saving.load_model(tmp_path / "distiller.keras")
    again = restored.distillation_losses[0].loss.features
    for ours, theirs in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_any_keras_loss():
    loss = ImageDistillation(keras.losses.MeanAbsoluteError(), name="pixels")
    config = keras.saving.serialize_keras_object(loss)
    restored = keras.saving.deserialize_keras_object(config)
    assert restored.name == "pixels"
    value = restored.compute_loss(TARGET, SOURCE)
    assert value.shape == ()
    assert float(value) == pytest.approx(np.abs(TARGET - SOURCE).mean(), rel=1e-6)
