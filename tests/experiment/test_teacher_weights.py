"""A teacher that was trained elsewhere: trained on, or kept fixed."""

import dataclasses

import numpy as np
import pytest

from crd_keras import interop
from crd_keras.callbacks import BestTeacher
from crd_keras.experiment.networks import (
    describe_networks,
    make_generator,
    make_trainer,
)
from crd_keras.metrics import SlicedWasserstein
from crd_keras.models import patch_discriminator
from tests import small_run, tiny

TINY = dataclasses.replace(small_run.SETTINGS, contents="row")


@pytest.fixture
def checkpoint(tmp_path):
    """A PyTorch checkpoint of a teacher for these settings, and its weights."""
    teacher = make_generator(TINY, TINY.teacher_filters, seed=7)
    path = tmp_path / "teacher.pth"
    interop.write_state_dict(interop.to_state_dict(teacher), path)
    return str(path), teacher.get_weights()


def assert_same(received, expected):
    for a, b in zip(received, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_teacher_starts_from_a_checkpoint(checkpoint):
    path, weights = checkpoint
    settings = dataclasses.replace(TINY, teacher_weights=path)
    assert_same(make_trainer(settings).teacher.generator.get_weights(), weights)
    used = describe_networks(settings)
    assert used["teacher"] == f"{path}, trained on with the student"
    assert used["discriminator"] == "trained from scratch with the student"


def test_fixed_teacher(checkpoint, tmp_path):
    path, weights = checkpoint
    discriminator = patch_discriminator(filters=4, layers=1, seed=8)
    discriminator.save(tmp_path / "discriminator.keras")
    settings = dataclasses.replace(
        TINY,
        schedule="student_only",
        teacher_weights=path,
        discriminator_weights=str(tmp_path / "discriminator.keras"),
    )
    trainer = make_trainer(settings)
    student = trainer.student.get_weights()
    trainer.compile()
    images = tiny.images(8, seed=0), tiny.images(8, seed=1)
    # The teacher is the same in each epoch: it is not evaluated.
    metric = SlicedWasserstein(min_resolution=8)
    best_teacher = BestTeacher(metric, *images, every=1)
    logs = trainer.fit(
        *images, batch_size=8, verbose=0, callbacks=[best_teacher], epochs=2
    ).history
    assert_same(trainer.distilled_from().get_weights(), weights)
    assert_same(
        trainer.teacher.discriminator.get_weights(), discriminator.get_weights()
    )
    assert np.abs(trainer.student.get_weights()[0] - student[0]).max() > 1e-5
    for name in ("loss", "adversarial", "row_angle"):
        assert np.isfinite(logs[name]).all(), name
    for name in ("teacher_loss", "discriminator", "teacher_swd"):
        assert np.isnan(logs[name]).all(), name
    used = describe_networks(settings)
    assert used["teacher"] == f"{path}, kept fixed"
    assert used["discriminator"] == f"{tmp_path / 'discriminator.keras'}, kept fixed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blocks": 2}, "blocks 2, .*Received: .*teacher.pth with .*blocks 1, "),
        ({"teacher_weights": "absent.pth"}, "Received: absent.pth, which is no file"),
    ],
)
def test_weights_of_another_network(checkpoint, changes, message):
    settings = dataclasses.replace(
        TINY, **{"teacher_weights": checkpoint[0], **changes}
    )
    with pytest.raises(ValueError, match=f"^`--teacher_weights`: .*{message}") as error:
        make_trainer(settings)
    assert "\n" not in str(error.value)


def test_fixed_teacher_needs_weights(checkpoint):
    settings = dataclasses.replace(TINY, schedule="student_only")
    with pytest.raises(ValueError, match="student_only` needs --teacher_weights"):
        make_trainer(settings)
    settings = dataclasses.replace(settings, teacher_weights=checkpoint[0])
    with pytest.raises(ValueError, match="needs --discriminator_weights"):
        make_trainer(settings)
    settings = dataclasses.replace(settings, discriminator_regime="none")
    assert describe_networks(settings)["discriminator"] == "none"
    make_trainer(settings)


def test_pretrained_discriminator_of_the_student_alone(tmp_path):
    path = tmp_path / "discriminator.keras"
    pretrained = make_trainer(dataclasses.replace(TINY, seed=3)).teacher.discriminator
    pretrained.save(path)
    settings = dataclasses.replace(TINY, student_discriminator=str(path))
    trainer = make_trainer(settings)
    assert_same(
        trainer.students["student"].discriminator.get_weights(),
        pretrained.get_weights(),
    )
    described = describe_networks(settings)["students' own discriminators"]
    assert described == f"student: {path}, kept fixed"
    plain = make_trainer(TINY).teacher.discriminator.get_weights()
    assert_same(trainer.teacher.discriminator.get_weights(), plain)
    settings = dataclasses.replace(TINY, student_discriminator="absent.keras")
    with pytest.raises(ValueError, match="^`--student_discriminator`: .*absent.keras"):
        make_trainer(settings)
