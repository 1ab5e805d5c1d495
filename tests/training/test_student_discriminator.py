"""A student that is shown a discriminator of its own, which nothing updates."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, Student
from tests import tiny

SOURCE, TARGET = tiny.images(2, seed=0), tiny.images(2, seed=1)


def make_trainer(discriminator):
    trainer = CRDTrainer(
        tiny.teacher("batch"),
        {
            "own": Student(tiny.generator(4, seed=5), discriminator=discriminator),
            "teachers": Student(tiny.generator(4, seed=5)),
        },
        distillation_losses={},
    )
    trainer.compile()
    return trainer


def values(model):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in model.variables]


def adversarial(discriminator, images):
    """The least-squares loss of what it takes for real, by the batch's statistics."""
    outputs = discriminator(images, training=True)
    return np.mean((np.float64(keras.ops.convert_to_numpy(outputs)) - 1) ** 2)


def test_it_is_shown_to_its_student_and_stays_as_it_is(tmp_path):
    discriminator = tiny.discriminator(9, "batch")
    images = tiny.generator(4, seed=5)(SOURCE)
    expected = adversarial(tiny.discriminator(9, "batch"), images)
    before = values(discriminator)
    trainer = make_trainer(discriminator)
    logs = trainer.train_on_batch(SOURCE, TARGET, return_dict=True)
    assert float(logs["own/adversarial"]) == pytest.approx(expected, rel=1e-5)
    others = float(logs["teachers/adversarial"])
    assert abs(others - expected) > 1e-3
    for a, b in zip(values(discriminator), before, strict=True):
        assert a.tobytes() == b.tobytes()
    # The student has learned from it.
    own, of_teacher = (values(x.network) for x in trainer.students.values())
    assert max(np.abs(a - b).max() for a, b in zip(own, of_teacher, strict=True)) > 1e-4

    trainer.save(tmp_path / "trainer.keras")
    loaded = keras.saving.load_model(tmp_path / "trainer.keras")
    for a, b in zip(values(loaded.students["own"].discriminator), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert loaded.students["teachers"].discriminator is None


def test_one_that_cannot_stand_for_the_teachers():
    teacher = tiny.teacher()
    with pytest.raises(ValueError, match="`discriminator` must be a model of its own"):
        CRDTrainer(
            teacher,
            Student(tiny.generator(4, seed=5), discriminator=teacher.discriminator),
            {},
        )
    inputs = keras.Input((None, None, 6))
    of_pairs = keras.Model(inputs, keras.layers.Conv2D(1, 4)(inputs))
    with pytest.raises(ValueError, match="`discriminator` must have the input shape"):
        CRDTrainer(
            teacher, Student(tiny.generator(4, seed=5), discriminator=of_pairs), {}
        )
