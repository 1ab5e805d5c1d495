"""Exports that are folders: known by a list of their files, replaced all at once."""

import hashlib
import json
import os
import pathlib
import shutil
import tempfile

from crd_keras.utils.files import move_into_place

# In the folder: each file's checksum, by its path in it, and `None` for folders.
MANIFEST = "crd_keras_export.json"


def foreign_entry(folder: pathlib.Path) -> str | None:
    """What is in a folder that no export of ours put there.

    Args:
        folder: A folder that exists.

    Returns:
        The path in it of a file that is not on the export's list, or was changed since,
        or of such a folder; `None` if all of it may be replaced.
    """
    try:
        listed = dict(json.loads((folder / MANIFEST).read_text())["files"])
    except FileNotFoundError:
        listed = {}
    except (OSError, ValueError, KeyError, TypeError):
        return MANIFEST
    for name, checksum in sorted(_entries(folder).items()):
        if name not in listed or listed[name] != checksum:
            return name
    return None


def replace_export(temporary: pathlib.Path, path: pathlib.Path) -> None:
    """Gives a folder its place, with a list of its files. An older export is replaced.

    Args:
        temporary: What `temporary_beside` gave, with the content.
        path: Its place. What is there is an older export or an empty folder.

    Raises:
        FileExistsError: If what is there is something else: it stays.
        OSError: If there is no space, or `path` cannot be replaced.
    """
    content = {"made_by": "crd_keras", "files": _entries(temporary)}
    (temporary / MANIFEST).write_text(json.dumps(content, indent=2))
    if not path.exists():
        move_into_place(temporary, path)
        return
    # A folder that is not empty cannot be replaced in one go. Once it is moved away
    # nobody writes to it by its name: what is in it now is all that will be deleted.
    away = pathlib.Path(tempfile.mkdtemp(".old", f"{path.name}.", path.parent))
    old = away / path.name
    try:
        os.replace(path, old)
        try:
            foreign = foreign_entry(old) if old.is_dir() else path.name
            if foreign is not None:
                raise FileExistsError(
                    f"{path} has a file that no export of crd_keras made: {foreign}"
                )
            move_into_place(temporary, path)
        except BaseException:
            os.replace(old, path)
            raise
        shutil.rmtree(old)
    finally:
        if not old.exists():
            away.rmdir()


def _entries(folder):
    """From all paths in a folder to checksums, `None` for folders, but for the list."""
    entries: dict[str, str | None] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = pathlib.Path(place, name)
            key = path.relative_to(folder).as_posix()
            if path.is_symlink():
                entries[key] = f"link to {os.readlink(path)}"
            elif path.is_dir():
                entries[key] = None
            elif key != MANIFEST:
                entries[key] = hashlib.sha256(path.read_bytes()).hexdigest()
    return entries
