"""Whether results can be written, found out before the work. Needs no backend."""

import pathlib
import tempfile

import pytest

from crd_keras.utils.output_paths import check_output_file, check_output_folder

pytestmark = pytest.mark.any_backend


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a file and a folder in it."""
    (tmp_path / "file.json").write_text("here")
    (tmp_path / "folder.json").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_can_be_written(folder):
    before = sorted(folder.rglob("*"))
    for name in ("new.json", "NEW.JSON", "file.json", folder / "folder.json/new.json"):
        assert check_output_file("--json", name, (".json",)) == pathlib.Path(name)
    for name in ("", "folder.json", "new/folder", folder / "new"):
        assert check_output_folder("--output", name) == pathlib.Path(name)
    assert sorted(folder.rglob("*")) == before
    assert (folder / "file.json").read_text() == "here"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder.json", "be a file, not a folder"),
        ("no/new.json", "be in a folder that exists"),
        ("file.json/new.json", "be in a folder that exists"),
        ("student.keras", "end with one of .json, .txt"),
        ("file.json", "not exist; pass --overwrite to replace it"),
    ],
)
def test_files_that_cannot_be_written(folder, path, reason):
    with pytest.raises(ValueError, match=f"^`--x` must {reason}. Received: {path}$"):
        check_output_file("--x", path, (".json", ".txt"), overwrite=False)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("file.json", "it is a file"),
        ("file.json/new/one", ".*/file.json is a file"),
    ],
)
def test_folders_that_cannot_be_made(folder, path, reason):
    with pytest.raises(ValueError, match=f"^`--x` .* and {reason}. Received: {path}$"):
        check_output_folder("--x", path)


@pytest.mark.parametrize("check", [check_output_file, check_output_folder])
def test_folder_that_is_read_only(folder, check, monkeypatch):
    # Permissions would not keep root out.
    def refuse(dir):
        assert pathlib.Path(dir).resolve() == folder
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    message = (
        r"^`--x` must be where one can write \(Read-only file system\). Rec.* new$"
    )
    with pytest.raises(ValueError, match=message):
        check("--x", "new")
