"""One process at a time in a folder."""

import json
import os
import pathlib
import socket

import filelock

from crd_keras.utils.files import atomic_write

_LOCK, _HOLDER = ".lock", ".lock_holder"


class FolderInUseError(OSError):
    """Another process holds the folder. The message says which, in one line."""


class FolderLock:
    """Keeps other processes that ask for the same lock out of a folder.

    The system lets go of it when the process ends, also by a kill: `flock`, or its like
    on Windows. Where a file system has no such locks, a file stands for them, which a
    killed process leaves: the next one on the same host finds that out.

    Args:
        folder: A folder that exists and can be written to. Two hidden files in it are
            the lock's; they stay when it is let go of.
    """

    def __init__(self, folder: str | os.PathLike):
        self.folder = pathlib.Path(folder)
        self._lock = filelock.FileLock(self.folder / _LOCK)

    def acquire(self, wait: bool = False) -> None:
        """Takes the lock.

        Args:
            wait: Whether to wait until another process has let go of it.

        Raises:
            FolderInUseError: If another process holds it and `wait` is not set.
            OSError: If the folder cannot be written to.
        """
        try:
            self._lock.acquire(timeout=-1 if wait else 0)
        except filelock.Timeout as error:
            raise FolderInUseError(
                f"{self.folder} is in use by {self._holder()}"
            ) from error
        try:
            holder = {"pid": os.getpid(), "host": socket.gethostname()}
            atomic_write(self.folder / _HOLDER, json.dumps(holder).encode())
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Lets go of the lock, if it is held."""
        self._lock.release()

    def _holder(self) -> str:
        try:
            holder = json.loads((self.folder / _HOLDER).read_text())
            return f"process {holder['pid']} on {holder['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            # It has only just begun.
            return "another process"


def belongs_to_lock(path: pathlib.Path) -> bool:
    """Whether it is one of the lock's files."""
    return path.name in (_LOCK, _HOLDER)
