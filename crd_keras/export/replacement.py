"""Files and folders that another program writes, and that appear when they are whole.

`crd_keras.utils.files` does so for content that is in memory.
"""

import os
import pathlib
import shutil


def temporary_neighbour(path: pathlib.Path, role: str = "tmp") -> pathlib.Path:
    """Where to write what `move_into_place` then gives its name."""
    return path.with_name(f".{path.name}.{os.getpid()}.{role}")


def move_into_place(temporary: pathlib.Path, path: pathlib.Path) -> None:
    """Gives a whole file or folder its name; what had that name is replaced."""
    if not path.is_dir():
        os.replace(temporary, path)
        return
    # A folder that is not empty cannot be replaced in one go.
    old = temporary_neighbour(path, "old")
    os.replace(path, old)
    try:
        os.replace(temporary, path)
    except OSError:
        os.replace(old, path)
        raise
    remove(old)


def remove(path: pathlib.Path) -> None:
    """Deletes a file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
