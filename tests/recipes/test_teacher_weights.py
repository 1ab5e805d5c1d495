"""A teacher that was trained elsewhere: trained on, or kept fixed."""

import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from experiment import run
from horse2zebra import QUICK
from networks import describe_networks, make_generator, make_trainer

from crd_keras import data, interop
from crd_keras.curves import read_metrics

TINY = dataclasses.replace(
    QUICK,
    image_size=16,
    batch_size=8,
    epochs=1,
    max_steps=1,
    teacher_filters=4,
    student_filters=2,
    blocks=1,
    discriminator_filters=4,
    discriminator_layers=1,
    patch_size=8,
    contents="row",
    vgg_weights="none",
)


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


def test_fixed_teacher(checkpoint, tmp_path, monkeypatch):
    small = functools.partial(data.sample_source, train=8, test=8)
    monkeypatch.setattr(data, "sample_source", small)
    path, weights = checkpoint
    discriminator = make_trainer(TINY).teacher.discriminator
    discriminator.save(tmp_path / "discriminator.keras")
    settings = dataclasses.replace(
        TINY,
        schedule="student_only",
        teacher_weights=path,
        discriminator_weights=str(tmp_path / "discriminator.keras"),
        output_dir=str(tmp_path / "run"),
    )
    run("horse2zebra", "quick", settings)
    saved = {
        name: keras.saving.load_model(tmp_path / "run" / f"{name}.keras").get_weights()
        for name in ("teacher", "discriminator", "student")
    }
    assert_same(saved["teacher"], weights)
    assert_same(saved["discriminator"], discriminator.get_weights())
    metrics = read_metrics(tmp_path / "run" / "metrics.csv")
    for name in ("loss", "adversarial", "row_angle", "student_swd"):
        assert np.isfinite(metrics[name]).tolist() == [True], name
    for name in ("teacher_loss", "discriminator", "teacher_swd"):
        assert np.isfinite(metrics[name]).tolist() == [False], name
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["used"]["teacher"] == f"{path}, kept fixed"
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert np.isfinite(results["metrics"]["teacher"]["swd"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"blocks": 2}, "blocks 2, .*Received: .*teacher.pth with .*blocks 1, "),
        ({"teacher_filters": 8}, "filters 8, .*with mobile_resnet .filters 4, "),
        ({"generator": "resnet"}, "resnet .*with mobile_resnet"),
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
