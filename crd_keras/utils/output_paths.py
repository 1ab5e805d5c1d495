"""Finding out before the work whether its results can be written."""

import os
import pathlib
import tempfile


def check_output_file(
    flag: str,
    path: str | os.PathLike,
    suffixes: tuple[str, ...] = (),
    overwrite: bool = True,
) -> pathlib.Path:
    """Checks that a file can be written.

    Args:
        flag: The command's flag that names the file, for errors.
        path: The file. Its folder must exist.
        suffixes: What its name must end with, one of these, in any case: so that a
            slip replaces no file of another kind. Empty: anything.
        overwrite: Whether it may replace a file.

    Returns:
        The path.

    Raises:
        ValueError: If it has another suffix, is a folder, exists and is not to be
            replaced, or its folder does not exist or cannot be written to.
    """
    path = pathlib.Path(path)
    if suffixes and path.suffix.lower() not in suffixes:
        raise ValueError(
            f"`{flag}` must end with {_one_of(suffixes)}. Received: {path}"
        )
    if path.is_dir():
        raise ValueError(f"`{flag}` must be a file, not a folder. Received: {path}")
    if path.exists() and not overwrite:
        raise ValueError(
            f"`{flag}` must not exist; pass --overwrite to replace it. Received: {path}"
        )
    if not path.parent.is_dir():
        raise ValueError(f"`{flag}` must be in a folder that exists. Received: {path}")
    _check_writable(flag, path, path.parent)
    return path


def check_output_folder(flag: str, path: str | os.PathLike) -> pathlib.Path:
    """Checks that a folder can be written to, or made. It is not made.

    Args:
        flag: The command's flag that names the folder, for errors.
        path: The folder. Folders above it that do not exist can be made, too.

    Returns:
        The path.

    Raises:
        ValueError: If it or what is above it is a file, or cannot be written to.
    """
    path = pathlib.Path(path)
    existing = next(p for p in (path, *path.absolute().parents) if p.exists())
    if not existing.is_dir():
        where = "it" if existing == path else existing
        raise ValueError(
            f"`{flag}` must be a folder, and {where} is a file. Received: {path}"
        )
    _check_writable(flag, path, existing)
    return path


def _check_writable(flag, path, folder):
    """Tries it: what permissions say is not all."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"`{flag}` must be where one can write ({error.strerror}). Received: {path}"
        ) from error


def _one_of(suffixes):
    return suffixes[0] if len(suffixes) == 1 else f"one of {', '.join(suffixes)}"
