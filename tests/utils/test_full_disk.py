"""One line for a full disk, whoever noticed it."""

import errno
import os
import shutil

import pytest

from crd_keras.utils.full_disk import DiskFullError, naming_full_disk

pytestmark = pytest.mark.any_backend


@pytest.fixture(autouse=True)
def free(monkeypatch):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1_250_000)
    )


def caught(error, path, needed=None):
    with pytest.raises(DiskFullError) as received, naming_full_disk(path, needed):
        raise error
    return received.value


def test_message(tmp_path):
    path = tmp_path / "none" / "x.html"
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    received = caught(full, path, 3_100_000)
    assert str(received) == (
        f"No space left on device: {path} takes 3.1 MB, and 1.2 MB are free"
    )
    assert (received.errno, received.path) == (errno.ENOSPC, path)
    assert str(caught(full, path)) == (
        f"No space left on device: {path} takes more than the 1.2 MB that are free"
    )
    assert str(caught(OSError(errno.EDQUOT, ""), path)) == (
        f"Disk quota exceeded: {path} takes more than is allowed, and 1.2 MB are free"
    )


def test_errors_of_libraries(tmp_path):
    words = ValueError(
        "[Errno 28] Can't write data (error message = 'No space left on device')"
    )
    assert caught(words, tmp_path).errno == errno.ENOSPC
    later = ValueError("the file is already closed")
    later.__context__ = OSError(errno.ENOSPC, "")
    assert caught(later, tmp_path).errno == errno.ENOSPC


def test_other_errors_stay(tmp_path):
    for error in (
        OSError(errno.EACCES, "no"),
        ValueError("File too large"),
        KeyError(),
    ):
        with pytest.raises(type(error)) as received, naming_full_disk(tmp_path):
            raise error
        assert received.value is error


def test_which_file_is_named(tmp_path):
    inner = DiskFullError(tmp_path / "x", errno.ENOSPC)
    assert caught(inner, tmp_path / "outer") is inner
    # In a temporary folder, which is gone.
    inner = DiskFullError(tmp_path / "gone" / "x", errno.ENOSPC)
    assert caught(inner, tmp_path / "outer").path == tmp_path / "outer"
