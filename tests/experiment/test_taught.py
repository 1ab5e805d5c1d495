"""A run whose teacher is a folder of images."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from crd_keras.data import sample_source
from crd_keras.experiment.run import run
from tests import small_run

pytestmark = pytest.mark.any_backend

# Two students' steps, and no more.
SETTINGS = dataclasses.replace(
    small_run.SETTINGS,
    schedule="student_only",
    discriminator_regime="updating",
    epochs=1,
    batch_size=4,
    distillation="content_relation,pixel_l1",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A small folder of drawn animals, and their stripes as a teacher's images."""
    folder = tmp_path_factory.mktemp("animals")
    source = sample_source(16, train=8, test=4)
    for name, images in source.splits.items():
        (folder / name).mkdir()
        for index, pixels in enumerate(images.records):
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    taught = folder / "taught"
    taught.mkdir()
    for index, pixels in enumerate(source.splits["trainA"].records):
        Image.fromarray(255 - pixels).save(taught / f"{index}.png")
    return dataclasses.replace(SETTINGS, data_dir=str(folder), taught=str(taught))


def test_a_run_without_a_teachers_network(settings, tmp_path):
    output = tmp_path / "run"
    run("horse2zebra", "quick", dataclasses.replace(settings, output_dir=str(output)))
    names = {path.name for path in output.iterdir()}
    assert {"student.keras", "discriminator.keras", "report.html"} <= names
    assert "teacher.keras" not in names
    results = json.loads((output / "results.json").read_text())
    assert set(results["metrics"]) == {"untranslated input", "student"}
    record = json.loads((output / "run.json").read_text())
    assert record["used"]["teacher"] == f"its images in {settings.taught}"
    assert record["images"]["taught"]["count"] == 8
    (line,) = np.genfromtxt(output / "metrics.csv", delimiter=",", names=True, ndmin=1)
    assert np.isfinite(line["adversarial"]) and np.isfinite(line["pixel_l1"])

    # Other images of the teacher are another run.
    path = f"{settings.taught}/3.png"
    before = Image.open(path).copy()
    before.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path)
    resumed = dataclasses.replace(settings, output_dir=str(output), resume=True)
    with pytest.raises(SystemExit, match="the images that .*: others in taught"):
        run("horse2zebra", "quick", resumed)
    before.save(path)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"schedule": "joint"}, "`--taught` needs --schedule=student_only"),
        ({"teacher_weights": "t.pth"}, "`--taught` takes the place of --teacher_we"),
        ({"data_dir": None}, "`--taught` needs source images in files"),
        ({"taught": "/nowhere"}, "`--taught` must be a folder. Received: '/nowhere'"),
        ({"distillation": "channel"}, "`distillation_losses` must compare images al"),
        (
            {"discriminator_regime": "updating-freezing"},
            "`--schedule=student_only` needs --discriminator_weights",
        ),
    ],
)
def test_bad_settings_stop_before_training(settings, tmp_path, changes, message):
    changes = {**changes, "output_dir": str(tmp_path / "run")}
    with pytest.raises(SystemExit, match=f"^horse2zebra: {message}") as caught:
        run("horse2zebra", "quick", dataclasses.replace(settings, **changes))
    assert "\n" not in str(caught.value)
