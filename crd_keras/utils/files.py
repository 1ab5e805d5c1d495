"""Writing a file so that it is complete or does not exist."""

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

from crd_keras.utils.full_disk import naming_full_disk

_PREFIX, _SUFFIX = ".crd_keras.", ".tmp"


def atomic_write(path: str | os.PathLike, content: bytes | memoryview) -> None:
    """Writes a file so that nobody ever sees a part of it.

    An interrupted run leaves the old file or the new one. See `atomic_path`.

    Args:
        path: The file, in a folder that exists. An old file is replaced.
        content: All of the file.

    Raises:
        DiskFullError: If there is no space for it.
        OSError: If the folder cannot be written to.
    """
    needed = memoryview(content).nbytes
    with naming_full_disk(path, needed), temporary_beside(path) as temporary:
        temporary.write_bytes(content)
        move_into_place(temporary, path)


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """As `atomic_write`, for what only writes to a path, such as `model.save`.

    Args:
        path: The file, in a folder that exists. An old file is replaced.

    Yields:
        Where to write: a path of the same name in a folder of its own beside `path`. It
        takes the place of `path` at the end, unless an error was raised.

    Raises:
        DiskFullError: If there is no space for it.
        OSError: If the folder cannot be written to.

    Example:

    ```python
    with atomic_path("student.keras") as path:
        student.save(path)
    ```
    """
    with naming_full_disk(path), temporary_beside(path) as temporary:
        yield temporary
        move_into_place(temporary, path)


@contextlib.contextmanager
def temporary_beside(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Where to write what `move_into_place` then gives its place.

    Each call has a folder of its own, so that threads, processes and hosts that write
    the same file do not disturb each other. It is removed at the end.

    Args:
        path: A file or folder, in a folder that exists.

    Yields:
        A path of the same name, on the same disk. There is nothing yet.

    Raises:
        OSError: If the folder cannot be written to.
    """
    path = pathlib.Path(path)
    try:
        folder = tempfile.mkdtemp(_SUFFIX, _PREFIX, path.parent)
    except OSError as error:
        # It names a folder that nobody knows.
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        yield pathlib.Path(folder, path.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def move_into_place(temporary: pathlib.Path, path: str | os.PathLike) -> None:
    """Gives a whole file its place; an old one is replaced. Also for new folders.

    Before, all of it is on the disk, so that a power failure leaves no empty file.

    Args:
        temporary: What `temporary_beside` gave, with the content.
        path: Its place.

    Raises:
        OSError: If there is no space for it, or `path` cannot be replaced.
    """
    path = pathlib.Path(path)
    for file in (temporary, *temporary.rglob("*")):
        if file.is_file():
            _sync(file)
        else:
            _sync_folder(file)
    os.replace(temporary, path)
    _sync_folder(path.parent)


def remove_left_overs(folder: pathlib.Path) -> None:
    """Removes what killed processes left of `temporary_beside`, also in subfolders.

    Args:
        folder: A folder that no other process writes to.
    """
    for path in folder.rglob(f"{_PREFIX}*{_SUFFIX}"):
        shutil.rmtree(path, ignore_errors=True)


def _sync(path: pathlib.Path) -> None:
    # Windows needs leave to write.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: pathlib.Path) -> None:
    # Windows opens no folders, and some file systems do not write them on demand.
    with contextlib.suppress(OSError):
        _sync(folder)
