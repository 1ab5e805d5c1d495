"""Files from the network: whole, checked and kept, or one line that says why not."""

import os
import pathlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from crd_keras.utils.checksum import file_sha256
from crd_keras.utils.errors import first_line
from crd_keras.utils.files import atomic_path
from crd_keras.utils.folder_lock import FolderLock
from crd_keras.utils.full_disk import DiskFullError, naming_full_disk

# No connection, or no further byte, for so long: give up.
_TIMEOUT_SECONDS = 10.0


def download(
    url: str, sha256: str, hint: str, cache_dir: str | os.PathLike | None = None
) -> str:
    """Fetches a file once and keeps it in the folder `models` of Keras' cache.

    A file that is there is checked again each time, so one that another program
    left half-written is fetched anew. It appears when it is whole: several processes
    may ask for the same file at once.

    Args:
        url: Where the file is.
        sha256: Its checksum, 64 hexadecimal digits.
        hint: What to do if it cannot be fetched: a sentence that ends the error
            message.
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Returns:
        The path of the file.

    Raises:
        ConnectionError: If the file cannot be fetched, or not all of it.
        DiskFullError: If there is no space for it.
        ValueError: If what came has another checksum. It is deleted.
    """
    folder = _cache_folder("models", cache_dir)
    path = folder / os.path.basename(url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_file() and file_sha256(path) == sha256:
            return str(path)
        with bounded_waiting(), atomic_path(path) as temporary:
            keras.utils.get_file(
                temporary.name,
                url,
                cache_dir=temporary.parent,
                cache_subdir="",
                file_hash=sha256,
                hash_algorithm="sha256",
            )
    except DiskFullError:
        raise
    except ValueError as error:
        raise ValueError(
            f"{url} has come with a wrong checksum and was deleted. {hint}"
        ) from error
    # Keras turns a failed download into a bare `Exception`.
    except Exception as error:
        raise ConnectionError(
            f"{url} could not be fetched ({first_line(error)}). {hint}"
        ) from error
    return str(path)


@contextmanager
def bounded_waiting() -> Iterator[None]:
    """Lets downloads that give no timeout of their own fail after 10 silent seconds."""
    previous = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(previous)


@contextmanager
def alone_in_cache(
    subfolder: str = "models", cache_dir: str | os.PathLike | None = None
) -> Iterator[pathlib.Path]:
    """For what is made in Keras' cache by one process at a time.

    Keras writes the files that it downloads by itself under their own names. A second
    process would find a part of one, and both would write to it.

    Args:
        subfolder: The folder of the cache that others have to wait for.
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Yields:
        The folder. It exists.

    Raises:
        DiskFullError: If there is no space for what is made inside.
    """
    folder = _cache_folder(subfolder, cache_dir)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(folder)
    lock.acquire(wait=True)
    try:
        with naming_full_disk(folder):
            yield folder
    finally:
        lock.release()


def _cache_folder(subfolder: str, cache_dir: str | os.PathLike | None) -> pathlib.Path:
    if cache_dir is None:
        # Where Keras keeps its files, which it does not say.
        home = os.path.expanduser("~")
        home = home if os.access(home, os.W_OK) else "/tmp"
        cache_dir = os.environ.get("KERAS_HOME", os.path.join(home, ".keras"))
    return pathlib.Path(cache_dir).expanduser() / subfolder
