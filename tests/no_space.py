"""A disk without space, as a program sees it."""

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def limited_file_size(size: int) -> Iterator[None]:
    """Lets the system refuse to write beyond so many bytes of a file.

    Writing fails in the middle of a file, as on a full disk; only the number of the
    error is another (EFBIG).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
