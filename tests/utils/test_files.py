"""Files that are whole or not there."""

import os
import pathlib
import threading

import pytest

from crd_keras.utils.files import atomic_path, atomic_write, remove_left_overs
from crd_keras.utils.full_disk import DiskFullError
from tests import tiny
from tests.no_space import limited_file_size

pytestmark = pytest.mark.any_backend


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "file.bin"
    atomic_write(path, b"first")
    atomic_write(str(path), memoryview(b"second"))
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    atomic_write(path, b"old")

    def refuse(source, target):
        raise OSError("disk is gone")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk is gone"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    replace = os.replace
    monkeypatch.setattr(
        os, "fsync", lambda file: done.append(os.readlink(f"/proc/self/fd/{file}"))
    )
    monkeypatch.setattr(os, "replace", lambda *x: (done.append("name"), replace(*x)))
    path = tmp_path / "file.bin"
    atomic_write(path, b"content")
    content, name, folder = done
    assert pathlib.Path(content).name == "file.bin" and content != str(path)
    assert (name, folder) == ("name", str(tmp_path))


def test_writers_of_the_same_file_do_not_disturb_each_other(tmp_path):
    """Two threads, which have one process id, as two hosts may have."""
    path = tmp_path / "file.bin"
    both = threading.Barrier(2)
    errors = []

    def write(content):
        try:
            with atomic_path(path) as temporary:
                temporary.write_bytes(content)
                both.wait(timeout=10)
                assert temporary.read_bytes() == content
        except BaseException as error:
            errors.append(error)

    contents = (b"one" * 1000, b"two")
    threads = [threading.Thread(target=write, args=(c,)) for c in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert path.read_bytes() in contents
    assert os.listdir(tmp_path) == ["file.bin"]


def test_a_file_that_does_not_fit(tmp_path):
    path = tmp_path / "file.bin"
    atomic_write(path, b"old")
    with limited_file_size(1000), pytest.raises(DiskFullError) as error:
        atomic_write(path, bytes(5_000))
    assert f"{path} takes 5,000 bytes, and " in str(error.value)
    assert str(error.value).endswith("MB are free") and "\n" not in str(error.value)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_a_model_that_does_not_fit(tmp_path):
    path = tmp_path / "student.keras"
    path.write_bytes(b"old")
    with limited_file_size(1000), pytest.raises(DiskFullError) as error:
        with atomic_path(path) as temporary:
            tiny.generator(4, seed=0).save(temporary)
    assert f"{path} takes more than is allowed" in str(error.value)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["student.keras"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none" / "file.bin"
    with pytest.raises(FileNotFoundError) as error:
        atomic_write(path, b"content")
    assert error.value.filename == str(path)


def test_left_overs_are_removed_and_nothing_else(tmp_path, monkeypatch):
    grids = tmp_path / "grids"
    grids.mkdir()
    with monkeypatch.context() as patch:
        # As if the process was killed.
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        for folder in (tmp_path, grids):
            with pytest.raises(KeyboardInterrupt), atomic_path(folder / "x") as path:
                path.write_bytes(b"half")
                raise KeyboardInterrupt
    (tmp_path / ".notes.tmp").touch()
    assert len(list(tmp_path.rglob("x"))) == 2
    remove_left_overs(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"grids", ".notes.tmp"}
