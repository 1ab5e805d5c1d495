"""Which checkpoint counts, and what stays on the disk."""

import json
import os
import re

import h5py
import pytest

from crd_keras.training.checkpoints import CheckpointFolder
from crd_keras.utils.full_disk import DiskFullError
from tests.no_space import limited_file_size

FIRST, SECOND = "epoch_0001_step_000000", "epoch_0001_step_000007"


def write(folder, epoch, step=0, weights=b"weights", logs=()):
    return folder.write(weights, epoch, step, logs, [[1, 2]], [0.5])


@pytest.fixture
def two(tmp_path):
    """A folder of two checkpoints."""
    folder = CheckpointFolder(tmp_path / "checkpoint")
    write(folder, 1, weights=b"older", logs=[{"epoch": 0, "loss": 0.1}])
    write(folder, 1, 7, b"newer")
    return folder.path


def weights_of_newest(path):
    return CheckpointFolder(path).newest().weights.read_bytes()


def test_what_is_written_is_read(two):
    newest = CheckpointFolder(two).newest()
    assert newest.position == (1, 7) and newest.weights.read_bytes() == b"newer"
    assert newest.seeds == [[1, 2]] and newest.running_means == [0.5]
    assert newest.describe() == "step 7 of epoch 2"


def test_logs_come_back_to_the_last_digit(tmp_path):
    logs = [{"epoch": 0, "loss": 0.1 + 0.2, "swd": float("nan"), "lr": 1e-300}]
    write(CheckpointFolder(tmp_path), 1, logs=logs)
    newest = CheckpointFolder(tmp_path).newest()
    assert repr(newest.epoch_logs) == repr(logs)
    assert newest.describe() == "epoch 1"


def test_two_at_most_and_other_files_stay(two):
    for name in ("notes.txt", "epoch_1.json", ".hidden.tmp"):
        (two / name).write_text("mine")
    unfinished = two / ".crd_keras.abc.tmp"
    unfinished.mkdir()
    (unfinished / f"{FIRST}.json").write_text("half")
    folder = CheckpointFolder(two)
    folder.remove_unfinished()
    assert len(os.listdir(two)) == 4 + 3
    write(folder, 2)
    write(folder, 3)
    assert sorted(os.listdir(two)) == [
        ".hidden.tmp",
        "epoch_0002_step_000000.json",
        "epoch_0002_step_000000.weights.h5",
        "epoch_0003_step_000000.json",
        "epoch_0003_step_000000.weights.h5",
        "epoch_1.json",
        "notes.txt",
    ]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        (f"{SECOND}.weights.h5", b"new", "has 3 of 5 bytes"),
        (f"{SECOND}.weights.h5", b"", "has 0 of 5 bytes"),
        (f"{SECOND}.weights.h5", b"nEwer", "the checksum of .* is another"),
        (f"{SECOND}.weights.h5", None, f"there is no {SECOND}.weights.h5"),
        (f"{SECOND}.json", b"", "it is no metadata"),
        (f"{SECOND}.json", b"{}", "it is no metadata"),
        (f"{SECOND}.json", b"[1, 2]", "it is no metadata"),
        (f"{SECOND}.json", b"\xff{nonsense", "it is no metadata"),
        (f"{SECOND}.json", None, None),
    ],
)
def test_the_former_is_taken_if_the_newest_is_broken(two, file, content, problem):
    if content is None:
        (two / file).unlink()
    else:
        (two / file).write_bytes(content)
    folder = CheckpointFolder(two)
    assert folder.newest().weights.read_bytes() == b"older"
    assert len(folder.problems) == (problem is not None)
    if problem:
        assert re.match(f"{two}/{SECOND}.json: .*{problem}", folder.problems[0])
    # The broken one goes when there is a newer one, beside which the former stays.
    write(folder, 2)
    assert len(os.listdir(two)) == 4
    assert weights_of_newest(two) == b"weights"
    assert (two / f"{FIRST}.weights.h5").read_bytes() == b"older"


def test_metadata_with_wrong_values(two):
    path = two / f"{SECOND}.json"
    right = json.loads(path.read_bytes())
    for name, value in {
        "epoch": "1",
        "step": -1,
        "size": None,
        "weights": 3,
        "epoch_logs": [{"loss": 1.0}],
    }.items():
        path.write_text(json.dumps(right | {name: value}))
        assert weights_of_newest(two) == b"older", name
    path.write_text(json.dumps(right))
    assert weights_of_newest(two) == b"newer"


def test_a_first_checkpoint_that_was_never_finished(tmp_path):
    (tmp_path / f"{FIRST}.weights.h5").write_bytes(b"whole, but not named")
    (tmp_path / ".crd_keras.abc.tmp").mkdir()
    (tmp_path / ".crd_keras.abc.tmp" / f"{FIRST}.json").write_bytes(b"{")
    folder = CheckpointFolder(tmp_path)
    assert folder.newest() is None and not folder.problems
    folder.remove_unfinished()
    write(folder, 1)
    assert len(os.listdir(tmp_path)) == 2


def test_no_checkpoint_is_whole(two):
    for name in (FIRST, SECOND):
        (two / f"{name}.weights.h5").write_bytes(b"")
    files = sorted(os.listdir(two))
    with pytest.raises(ValueError, match="No checkpoint in .* is whole .*0 of 5") as e:
        CheckpointFolder(two).newest()
    assert "\n" not in str(e.value)
    assert sorted(os.listdir(two)) == files


@pytest.mark.parametrize("interrupted", ["weights", "metadata"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk is gone")])
def test_an_interrupted_write_leaves_the_former(two, monkeypatch, interrupted, error):
    replace = os.replace

    def fail(source, target):
        if str(target).endswith(".json") == (interrupted == "metadata"):
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises((KeyboardInterrupt, OSError)):
        write(CheckpointFolder(two), 2, weights=b"third")
    monkeypatch.undo()
    assert weights_of_newest(two) == b"newer"
    assert not [name for name in os.listdir(two) if name.endswith(".tmp")]


def test_no_room(two):
    with limited_file_size(100_000), pytest.raises(DiskFullError) as error:
        write(CheckpointFolder(two), 2, weights=bytes(3_000_000))
    assert "weights.h5 takes 3.0 MB, and " in str(error.value)
    assert weights_of_newest(two) == b"newer"
    assert len(os.listdir(two)) == 2


class TestKerasBackup:
    """What `keras.callbacks.BackupAndRestore(double_checkpoint=True)` has left."""

    @pytest.fixture
    def backup(self, tmp_path):
        for number, suffix in ((2, ".bkp"), (3, "")):
            self.weights(tmp_path / f"latest.weights.h5{suffix}", "ab")
            metadata = {"epoch": number, "batch": 0}
            name = f"training_metadata.json{suffix}"
            (tmp_path / name).write_text(json.dumps(metadata))
        return tmp_path

    @staticmethod
    def weights(path, layers):
        with h5py.File(path, "w") as file:
            for layer in layers:
                file[f"{layer}/vars/0"] = [1.0]

    def test_whole(self, backup):
        folder = CheckpointFolder(backup)
        newest = folder.newest()
        assert newest.position == (3, 0) and newest.weights.suffix == ".h5"
        assert newest.seeds is None
        write(folder, 4)
        assert CheckpointFolder(backup).newest().position == (4, 0)
        assert len(os.listdir(backup)) == 4
        write(folder, 5)
        assert not (backup / "latest.weights.h5").exists()

    @pytest.mark.parametrize(
        "fault", ["truncated", "layers", "no metadata", "nonsense", "older metadata"]
    )
    def test_the_copy_is_taken_if_it_is_broken(self, backup, fault):
        weights, metadata = backup / "latest.weights.h5", "training_metadata.json"
        if fault == "truncated":
            weights.write_bytes(weights.read_bytes()[:700])
        elif fault == "layers":
            self.weights(weights, "a")
            (backup / metadata).touch()
        elif fault == "no metadata":
            (backup / metadata).unlink()
        elif fault == "nonsense":
            (backup / metadata).write_text("{nonsense")
        else:
            os.utime(backup / metadata, ns=(0, 0))
        folder = CheckpointFolder(backup)
        assert folder.newest().position == (2, 0)
        assert len(folder.problems) == 1

    @pytest.mark.parametrize("metadata", [None, "{", '{"epoch": "3"}'])
    def test_broken_without_a_copy(self, tmp_path, metadata):
        self.weights(tmp_path / "latest.weights.h5", "ab")
        if metadata is not None:
            (tmp_path / "training_metadata.json").write_text(metadata)
        with pytest.raises(ValueError, match="No checkpoint in .* is whole"):
            CheckpointFolder(tmp_path).newest()
