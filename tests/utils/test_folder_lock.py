"""One process at a time."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from crd_keras.utils.folder_lock import FolderInUseError, FolderLock, belongs_to_lock

pytestmark = pytest.mark.any_backend

HOLD = """
import filelock, sys, time
lock = filelock.FileLock(sys.argv[1] + "/.lock")
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_is_told_of_the_first(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(str(tmp_path))
    first.acquire()
    with pytest.raises(FolderInUseError) as error:
        second.acquire()
    assert str(error.value) == (
        f"{tmp_path} is in use by process {os.getpid()} on {socket.gethostname()}"
    )
    first.release()
    second.acquire()
    second.release()
    assert all(belongs_to_lock(path) for path in tmp_path.iterdir())


def test_gone_after_a_kill(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline() == b"held\n"
            with pytest.raises(FolderInUseError, match="in use by another process"):
                FolderLock(tmp_path).acquire()
        finally:
            process.kill()
    lock = FolderLock(tmp_path)
    lock.acquire()
    lock.release()


def test_waits(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    thread = threading.Thread(target=second.acquire, kwargs={"wait": True})
    thread.start()
    thread.join(timeout=0.1)
    assert thread.is_alive()
    first.release()
    thread.join(timeout=10)
    assert not thread.is_alive()
