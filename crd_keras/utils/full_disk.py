"""A full disk, told in one line."""

import contextlib
import errno
import os
import pathlib
import shutil
from collections.abc import Iterator

# EDQUOT: the user's quota is used up. Windows has none.
_CODES = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
# By these words also the errors of libraries are known that keep no number. (Not by
# EFBIG's, "File too large", which may be said of a file that is read.)
_REASONS = {os.strerror(code): code for code in _CODES - {errno.EFBIG}}


class DiskFullError(OSError):
    """There is no space left for a file. The message says which, and how much is.

    Args:
        path: The file or folder.
        code: What the system said: `errno.ENOSPC`, or of a quota or a limit.
        needed: Bytes that it takes, `None` if that is not known.

    Attributes:
        path: The file or folder.
    """

    errno: int

    def __init__(self, path: str | os.PathLike, code: int, needed: int | None = None):
        self.path = pathlib.Path(path)
        free = _text(_free_bytes(self.path))
        if needed is not None:
            takes = f"{_text(needed)}, and {free} are free"
        elif code == errno.ENOSPC:
            takes = f"more than the {free} that are free"
        else:
            takes = f"more than is allowed, and {free} are free"
        super().__init__(f"{os.strerror(code)}: {path} takes {takes}")
        self.errno = code


@contextlib.contextmanager
def naming_full_disk(
    path: str | os.PathLike, needed: int | None = None
) -> Iterator[None]:
    """Makes a `DiskFullError` of what is raised inside because the disk is full.

    Systems and libraries say that there is no space left, but not for which file.

    Args:
        path: What is written.
        needed: Bytes that it takes, `None` if that is not known.

    Raises:
        DiskFullError: In place of an error that comes from a full disk, a used-up quota
            or a limit on the size of files. One that names a file stays.
    """
    try:
        yield
    except DiskFullError as error:
        if error.path.absolute().parent.exists():
            raise
        # It names a part of `path` in a temporary folder, which is gone by now.
        raise DiskFullError(path, error.errno, needed) from error
    except Exception as error:
        code = _code(error)
        if code is None:
            raise
        raise DiskFullError(path, code, needed) from error


def _code(error: BaseException | None) -> int | None:
    """What the system said, in this error or in those that it came from."""
    while error is not None:
        number = getattr(error, "errno", None)
        if number in _CODES:
            return number
        for reason, code in _REASONS.items():
            if reason in str(error):
                return code
        error = error.__cause__ or error.__context__
    return None


def _free_bytes(path: pathlib.Path) -> int:
    path = path.absolute()
    folder = next(p for p in (path, *path.parents) if p.is_dir())
    return shutil.disk_usage(folder).free


def _text(size: int) -> str:
    return f"{size:,} bytes" if size < 1e6 else f"{size / 1e6:,.1f} MB"
