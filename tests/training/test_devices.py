"""One step on two virtual devices is that of the whole batch on one."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import pytest

FOLDER = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """What `two_devices.py` found, in its first process."""
    folder = tmp_path_factory.mktemp("devices")
    program = [str(FOLDER / "two_devices.py"), str(folder)]
    if keras.backend.backend() == "torch":
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
        program = [*torchrun, *program]
    done = subprocess.run(
        [sys.executable, *program],
        env={
            **os.environ,
            "KERAS_BACKEND": keras.backend.backend(),
            "PYTHONPATH": str(FOLDER.parents[1]),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "0.json").read_text())


def test_losses_of_three_steps_are_those_of_one_device(result):
    assert len(result["one"]) == len(result["two"]) == 3
    for one, two in zip(result["one"], result["two"], strict=True):
        assert two == pytest.approx(one, rel=1e-5, abs=1e-6)


def test_weights_after_three_steps_are_those_of_one_device(result):
    # And the past fakes.
    assert result["difference"] < 1e-4
    # Of the optimizers. A ReLU's input next to 0 may fall to either side.
    assert result["state_difference"] < 1e-3


def test_checkpoints_are_interchangeable(result):
    assert result["interchangeable"]


def test_translating_gives_each_image_once(result):
    assert result["images"] == [6, 16, 16, 3]


def test_more_devices_than_there_are(result):
    assert "`devices`" in result["error"] and "\n" not in result["error"]
    assert "Received: devices=3" in result["error"]
