"""Files that are whole or not there."""

import errno
import os
import pathlib
import shutil

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def atomic_write(path: str | os.PathLike, content: bytes | memoryview) -> None:
    """Writes a file so that nobody ever sees a part of it.

    The content goes to a temporary file beside it, which then takes its name: an
    interrupted run leaves the old file or the new one. Both the content and the name
    are on the disk when this returns.

    Args:
        path: The file, in a folder that exists. An old file is replaced.
        content: All of the file.

    Raises:
        OSError: If the folder cannot be written to, or there is no room: with one line
            that names the file, what it needs and what is free.
    """
    path = pathlib.Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno not in _NO_ROOM:
            raise
        needed = memoryview(content).nbytes
        free = shutil.disk_usage(path.parent).free
        raise OSError(
            f"{error.strerror}: {path} needs {needed / 1e6:.2f} MB, and there are "
            f"{free / 1e6:.2f} MB free"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
