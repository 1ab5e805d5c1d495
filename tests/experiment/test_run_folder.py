"""The folder of a run: what is in it, who has it, and what may go on with it."""

import dataclasses
import json
import os
import pathlib
import shutil
import sys

import keras
import pytest

from crd_keras import backend
from crd_keras.data import UnpairedSource
from crd_keras.data.image_files import path_images
from crd_keras.data.source import SPLITS
from crd_keras.experiment import run as experiment
from crd_keras.experiment.run import run
from crd_keras.experiment.run_folder import _FILES, RunFolder
from crd_keras.experiment.settings import Settings
from crd_keras.utils.folder_lock import FolderInUseError
from crd_keras.utils.full_disk import DiskFullError
from tests.no_space import limited_file_size

pytestmark = pytest.mark.any_backend

USED = {"recipe": "horse2zebra"}


def begin(path, source=None, **changes):
    """Begins a run and returns what it wrote down."""
    with RunFolder(str(path), Settings(**changes)) as folder:
        if source is not None:
            folder.check_images(source)
        return folder.write_record(USED)


def resume(path, source=None, **changes):
    return begin(path, source, resume=True, **changes)


def write_images(folder: pathlib.Path, count: int = 4) -> UnpairedSource:
    """Files of equal sizes; what is in them does not matter here."""
    for split in SPLITS:
        (folder / split).mkdir(parents=True)
        for index in range(count):
            (folder / split / f"{index}.png").write_text(f"{split} {index}")
    return images_of(folder)


def images_of(folder: pathlib.Path) -> UnpairedSource:
    return UnpairedSource(
        label=str(folder),
        splits={
            split: path_images(sorted((folder / split).iterdir())) for split in SPLITS
        },
        directory=folder,
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name[0] != ".")


class TestImages:
    @pytest.fixture
    def data(self, tmp_path):
        return tmp_path / "data"

    @pytest.fixture
    def begun(self, tmp_path, data):
        begin(tmp_path / "run", write_images(data), data_dir=str(data))
        return tmp_path / "run"

    def test_half_of_them_deleted(self, begun, data):
        for index in (1, 3):
            (data / "trainA" / f"{index}.png").unlink()
        record = (begun / "run.json").read_bytes()
        with pytest.raises(ValueError, match=r"Received: others in trainA \(4 images"):
            resume(begun, images_of(data), data_dir=str(data))
        assert (begun / "run.json").read_bytes() == record

    def test_one_of_them_changed(self, begun, data):
        (data / "testB" / "0.png").write_text("testB x")
        with pytest.raises(ValueError, match=r"in testB \(4 images, now 4\)"):
            resume(begun, images_of(data), data_dir=str(data))

    def test_moved_and_copied_folder(self, begun, data, tmp_path):
        for move in (shutil.move, shutil.copytree):
            moved = tmp_path / move.__name__
            move(data, moved)
            resume(begun, images_of(moved), data_dir=str(moved))
            data = moved

    def test_folder_of_a_run_without_fingerprints(self, begun, data):
        """Of an earlier version."""
        record = json.loads((begun / "run.json").read_text())
        del record["images"]
        (begun / "run.json").write_text(json.dumps(record))
        with pytest.raises(ValueError, match="other values of data_dir"):
            resume(begun, images_of(data), data_dir="elsewhere")
        resume(begun, images_of(data), data_dir=str(data))


class TestWeights:
    def test_moved_with_the_run(self, tmp_path):
        """As in a folder of tables."""
        table = tmp_path / "table6"
        weights = table / "updating" / "discriminator.keras"
        weights.parent.mkdir(parents=True)
        weights.write_text("weights")
        begin(table / "run", discriminator_weights=str(weights))
        moved = tmp_path / "moved"
        table.rename(moved)
        weights = moved / "updating" / "discriminator.keras"
        record = resume(moved / "run", discriminator_weights=str(weights))
        assert record["settings"]["discriminator_weights"] == str(weights)

    def test_others(self, tmp_path):
        for name in ("one", "two"):
            (tmp_path / name).write_text(name)
        begin(tmp_path / "run", teacher_weights=str(tmp_path / "one"))
        with pytest.raises(ValueError, match="other values of teacher_weights"):
            resume(tmp_path / "run", teacher_weights=str(tmp_path / "two"))


class TestRecord:
    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{",
            "\xff",
            "[]",
            "null",
            "{}",
            '{"settings": 3}',
            '{"settings": {}, "images": []}',
            '{"settings": {"image_size": "large"}}',
        ],
    )
    def test_of_another_form(self, tmp_path, content):
        (tmp_path / "run.json").write_text(content, encoding="latin-1")
        with pytest.raises(ValueError, match="run.json .*Received") as error:
            resume(tmp_path)
        assert "\n" not in str(error.value)
        assert (tmp_path / "run.json").read_text(encoding="latin-1") == content

    def test_another_backend_resumes(self, tmp_path, monkeypatch):
        versions = begin(tmp_path)["versions"]
        assert versions["backend"] == keras.backend.backend()
        monkeypatch.setattr(backend, "name", "abacus")
        monkeypatch.setattr(sys, "argv", ["horse2zebra.py", "--resume"])
        for count in (1, 2):
            record = resume(tmp_path)
            assert record["versions"] == {**versions, "backend": "abacus"}
            backends = [s["versions"]["backend"] for s in record["earlier_sessions"]]
            assert backends == [versions["backend"], "abacus"][:count]
        assert record["earlier_sessions"][1]["command"] == sys.argv
        assert json.loads((tmp_path / "run.json").read_text()) == record


class TestLock:
    def test_the_second_process(self, tmp_path):
        for changes in ({}, {"resume": True}):
            with RunFolder(str(tmp_path), Settings(**changes)) as folder:
                for other in ({}, {"resume": True}):
                    with pytest.raises(
                        FolderInUseError, match=f"process {os.getpid()} "
                    ):
                        begin(tmp_path, **other)
                folder.write_record(USED)

    def test_in_one_line(self, tmp_path):
        with RunFolder(str(tmp_path), Settings()):
            with pytest.raises(SystemExit) as error:
                run("horse2zebra", "quick", Settings(output_dir=str(tmp_path)))
        assert str(error.value).startswith(
            f"horse2zebra: {tmp_path} is in use by process {os.getpid()} on "
        )
        assert "\n" not in str(error.value)

    def test_let_go_of_after_a_refusal(self, tmp_path):
        (tmp_path / "run.json").write_text("{}")
        for _ in range(2):
            with pytest.raises(ValueError, match="must be the record of a run"):
                resume(tmp_path)

    def test_a_folder_of_somebody_else_stays_as_it_is(self, tmp_path):
        (tmp_path / "photo.jpg").touch()
        (tmp_path / ".writable").write_text("mine")
        for changes in ({}, {"resume": True}):
            with pytest.raises(ValueError, match="Received"):
                begin(tmp_path, **changes)
        assert {p.name for p in tmp_path.iterdir()} == {"photo.jpg", ".writable"}

    @pytest.mark.parametrize("changes", [{}, {"resume": True}])
    def test_a_run_that_was_killed_before_it_had_a_record(self, tmp_path, changes):
        with RunFolder(str(tmp_path), Settings()):
            pass
        left = tmp_path / ".crd_keras.abc.tmp"
        left.mkdir()
        (left / "run.json").write_text("{")
        begin(tmp_path, **changes)
        assert names(tmp_path) == ["run.json"] and not left.exists()


class TestFullDisk:
    def test_one_line_at_any_time(self, tmp_path, monkeypatch):
        def full(*_):
            raise RuntimeError("TensorFlow: No space left on device")

        monkeypatch.setattr(experiment, "_run", full)
        with pytest.raises(SystemExit) as error:
            run("horse2zebra", "quick", Settings(output_dir=str(tmp_path)))
        assert str(error.value).startswith(
            f"horse2zebra: No space left on device: {tmp_path} takes more than the "
        )
        assert str(error.value).endswith(
            " are free. Pass --resume to go on once it can be written."
        )

    def test_the_first_file(self, tmp_path):
        with limited_file_size(1), pytest.raises(DiskFullError, match=str(tmp_path)):
            RunFolder(str(tmp_path), Settings())
        # Nobody has it now.
        begin(tmp_path)


def test_an_empty_folder_is_that_of_a_run_that_was_stopped_at_once(tmp_path):
    settings = Settings(resume=True)
    missing = tmp_path / "missing"
    with pytest.raises(ValueError, match="`--resume` needs an `--output_dir`"):
        RunFolder(str(missing), settings)
    assert not missing.exists()
    with RunFolder(str(tmp_path), settings) as folder:
        assert folder.open_checkpoint().first_epoch() == 0


def test_the_content_of_all_files_that_settings_name_is_compared():
    weights = {f.name for f in dataclasses.fields(Settings) if "weights" in f.name}
    assert set(_FILES) == weights | {"students", "student_discriminator"}
