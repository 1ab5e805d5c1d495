"""Signals in the middle of file operations."""

import os
import pathlib
import signal
import sys

# Audit events of the interpreter that change files, with what they are called here.
_EVENTS = {
    "open": "open",
    "os.rename": "rename",
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.truncate": "truncate",
}


class FileOperations:
    """Counts the operations that change files of a folder, and interrupts one of them.

    It cannot be switched off again: use it in a process of its own.

    Args:
        folder: The folder. Other files do not count.
        log: A file outside of it, to which a line is written before each operation.
        interrupt: Number of the operation, counted from 1, before which the signal
            comes. Of an `fsync` half of the file is cut off first: that much may be on
            the disk. `None`: no signal comes.
        sent: The signal.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        log: pathlib.Path,
        interrupt: int | None = None,
        sent: signal.Signals = signal.SIGKILL,
    ):
        self.folder = str(folder.absolute())
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self.interrupt = interrupt
        self.sent = sent
        self.count = 0
        self._fsync = os.fsync
        os.fsync = self._audited_fsync
        sys.addaudithook(self._audit)

    def _audit(self, event, arguments):
        name = _EVENTS.get(event)
        if name is None or not arguments:
            return
        path = arguments[0]
        if name == "open" and not _writes(*arguments[1:3]):
            return
        if isinstance(path, (str, os.PathLike)):
            self._happen(name, os.path.abspath(path))

    def _audited_fsync(self, file):
        descriptor = file if isinstance(file, int) else file.fileno()
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        self._happen("fsync", path)
        self._fsync(file)

    def _happen(self, name, path):
        if not path.startswith(self.folder):
            return
        self.count += 1
        os.write(self.log, f"{name} {os.path.relpath(path, self.folder)}\n".encode())
        if self.count != self.interrupt:
            return
        if name == "fsync" and os.path.isfile(path) and self.sent == signal.SIGKILL:
            os.truncate(path, os.path.getsize(path) // 2)
        os.kill(os.getpid(), self.sent)


def _writes(mode, flags):
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
