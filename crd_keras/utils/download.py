"""Files from the network: whole, checked and kept, or one line that says why not."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from crd_keras.utils.errors import first_line

# No connection, or no further byte, for so long: give up.
_TIMEOUT_SECONDS = 10.0


def download(
    url: str, sha256: str, hint: str, cache_dir: str | os.PathLike | None = None
) -> str:
    """Fetches a file once and keeps it in the folder `models` of Keras' cache.

    A file that is there is checked again each time, so one that another program
    left half-written is fetched anew.

    Args:
        url: Where the file is.
        sha256: Its checksum, 64 hexadecimal digits.
        hint: What to do if it cannot be fetched: a sentence that ends the error
            message.
        cache_dir: The cache, a folder that exists, or `None` for Keras' own
            (`~/.keras`).

    Returns:
        The path of the file.

    Raises:
        ConnectionError: If the file cannot be fetched, or not all of it.
        ValueError: If what came has another checksum. It is deleted.
    """
    file = {
        "fname": os.path.basename(url),
        "origin": url,
        "cache_subdir": "models",
        "cache_dir": cache_dir,
    }
    try:
        with bounded_waiting():
            return keras.utils.get_file(
                **file, file_hash=sha256, hash_algorithm="sha256"
            )
    except ValueError as error:
        # Keras leaves the wrong file in the cache. Asked without a checksum, it says
        # where, and downloads nothing.
        os.remove(keras.utils.get_file(**file))
        raise ValueError(
            f"{url} has come with a wrong checksum and was deleted. {hint}"
        ) from error
    # Keras turns a failed download into a bare `Exception`.
    except Exception as error:
        raise ConnectionError(
            f"{url} could not be fetched ({first_line(error)}). {hint}"
        ) from error


@contextmanager
def bounded_waiting() -> Iterator[None]:
    """Lets downloads that give no timeout of their own fail after 10 silent seconds."""
    previous = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(previous)
