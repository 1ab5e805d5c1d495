"""A run goes on as it began, although its preset is another by now."""

import dataclasses
import json

import pytest

from crd_keras.experiment.begun_settings import begun_settings
from crd_keras.experiment.presets.edges2shoes import PAPER
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.experiment.run_record import NAME
from crd_keras.experiment.settings import Settings

pytestmark = pytest.mark.any_backend


def test_an_old_run_of_the_preset_paper(tmp_path):
    # As it was: 200 epochs, on the original division of the pictures.
    begun = dataclasses.asdict(PAPER) | {
        "dataset": "pix2pix/edges2shoes",
        "epochs": 200,
        "max_steps": 5,
        "student_filters": [8, 16],
    }
    for later in ("teacher_epochs", "student_epochs", "l1_weight"):
        del begun[later]
    (tmp_path / NAME).write_text(json.dumps({"settings": begun}))
    preset = dataclasses.replace(PAPER, resume=True, grid_every=2)
    received = begun_settings(tmp_path, preset)
    assert received == dataclasses.replace(
        preset, dataset="pix2pix/edges2shoes", epochs=200, student_filters=(8, 16)
    )
    with RunFolder(str(tmp_path), received):
        pass
    with (
        pytest.raises(ValueError, match="other values of dataset .*edges2shoes-r"),
        RunFolder(str(tmp_path), dataclasses.replace(preset, student_filters=(8, 16))),
    ):
        pass


def test_no_run(tmp_path):
    assert begun_settings(tmp_path, PAPER) is PAPER
    (tmp_path / NAME).write_text("{}")
    with pytest.raises(ValueError, match=f"{NAME} must be the record of a run"):
        begun_settings(tmp_path, Settings())
