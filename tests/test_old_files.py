"""Files of commit fbc64e4 load: its modules have other names and places now."""

import json

import keras
import numpy as np
import pytest

from crd_keras import export, losses
from crd_keras.export.runtimes import load_exported
from crd_keras.models.load_model import load_model
from tests import tiny

MODELS = ("mobile_resnet", "resnet", "unet", "patchgan", "patchgan_batch", "trainer")


@pytest.mark.parametrize("name", MODELS)
def test_models_give_the_same_outputs(old_files, name):
    model = load_model(str(old_files / "models" / f"{name}.keras"))
    received = model(tiny.images(4, seed=0)[:1], training=False)
    expected = np.load(old_files / "models" / "outputs.npz")[name]
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(received), expected, rtol=1e-4, atol=1e-5
    )


def test_a_trainer_with_all_its_state(old_files):
    trainer = keras.saving.load_model(old_files / "models" / "trainer.keras")
    # Both arguments had other names then.
    loss = trainer.students["student"].loss
    assert loss.weights == {
        "relation": 25.0,
        "feature": 0.5,
    }
    assert isinstance(loss.losses["feature"], losses.FeatureMSELoss)
    assert trainer.schedule.student_epochs_per_cycle == 40
    assert int(trainer.generator_optimizer.iterations.numpy()) == 2
    trainer.save(old_files / "again.keras")
    again = keras.saving.load_model(old_files / "again.keras")
    for a, b in zip(trainer.variables, again.variables, strict=True):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (a, b)))


def test_all_losses_have_the_same_value(old_files):
    trainer = keras.saving.load_model(old_files / "models" / "losses.keras")
    source, target = tiny.images(4, seed=0), tiny.images(4, seed=1)
    # One batch is not worth a graph on TensorFlow; JAX compiles each operation anyway.
    trainer.run_eagerly = keras.backend.backend() != "jax"
    received = trainer.evaluate(source, target, verbose=0, return_dict=True)
    expected = json.loads((old_files / "models" / "losses.json").read_text())
    assert received == pytest.approx(expected, rel=1e-4)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="TensorFlow converts in another process, whichever backend is active",
)
def test_an_old_student_is_exported(old_files, tmp_path):
    student = load_model(str(old_files / "run" / "student.keras"))
    path = tmp_path / "student.onnx"
    export.export_model(student, path, "onnx", image_size=(16, 16))
    images = tiny.images(1, seed=0)
    np.testing.assert_allclose(
        load_exported(path, threads=1)(images), student(images), atol=1e-5
    )
