"""Writing a file so that it is complete or does not exist."""

import os
import pathlib


def atomic_write(path: str | os.PathLike, content: bytes) -> None:
    """Writes a file so that nobody ever sees a part of it.

    The content goes to a temporary file beside it, which then takes its name: an
    interrupted run leaves the old file or the new one.

    Args:
        path: The file, in a folder that exists. An old file is replaced.
        content: All of the file.

    Raises:
        OSError: If the folder cannot be written to.
    """
    path = pathlib.Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
