"""What may be replaced, and what may not."""

import os

import pytest

from crd_keras.export import export_folder
from crd_keras.export.export_folder import MANIFEST, foreign_entry, replace_export

pytestmark = pytest.mark.any_backend


def make(folder, **files):
    """A new export of these files."""
    folder.mkdir()
    (folder / "empty").mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "web"
    replace_export(make(tmp_path / "new", page="one", style="two"), path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["web"]
    return path


def test_an_export_is_replaced(export):
    assert foreign_entry(export) is None
    replace_export(make(export.parent / "new", page="three"), export)
    assert {path.name for path in export.iterdir()} == {"page", "empty", MANIFEST}
    assert (export / "page").read_text() == "three"
    assert [entry.name for entry in export.parent.iterdir()] == ["web"]


def test_an_empty_folder_is_replaced(tmp_path):
    (tmp_path / "web").mkdir()
    assert foreign_entry(tmp_path / "web") is None
    replace_export(make(tmp_path / "new", page="one"), tmp_path / "web")
    assert foreign_entry(tmp_path / "web") is None


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda f: (f / "empty" / "mine").touch(), "empty/mine"),
        (lambda f: (f / ".hidden").mkdir(), ".hidden"),
        (lambda f: (f / "link").symlink_to(f), "link"),
        (lambda f: (f / "style").write_text("edited"), "style"),
        (lambda f: (f / MANIFEST).unlink(), "empty"),
        (lambda f: (f / MANIFEST).write_text("[1]"), MANIFEST),
        (lambda f: (f / MANIFEST).write_text('{"files": 3}'), MANIFEST),
        (lambda f: (f / MANIFEST).write_text(""), MANIFEST),
    ],
)
def test_anything_else_is_not(export, change, name):
    change(export)
    before = sorted(os.walk(export))
    assert foreign_entry(export) == name
    # Also if it came while the new one was made.
    with pytest.raises(FileExistsError, match=f"no export of crd_keras made: {name}"):
        replace_export(make(export.parent / "new", page="three"), export)
    assert sorted(os.walk(export)) == before
    assert (export / "page").read_text() == "one"
    assert {entry.name for entry in export.parent.iterdir()} == {"web", "new"}


def test_a_failure_leaves_the_old_one(export, monkeypatch):
    def fail(temporary, path):
        raise OSError("no space")

    monkeypatch.setattr(export_folder, "move_into_place", fail)
    with pytest.raises(OSError, match="no space"):
        replace_export(make(export.parent / "new", page="three"), export)
    assert foreign_entry(export) is None
    assert (export / "page").read_text() == "one"
    assert {entry.name for entry in export.parent.iterdir()} == {"web", "new"}
