"""Opening picture files that anybody may have made, their faults in words."""

import contextlib
import os
import pathlib
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 2 * 89_478_485
"""Larger pictures are not decoded: half a gigabyte in RGB. Pillow's own limit."""

_ORIENTATION = 0x0112  # EXIF's number of it.

_SIGNATURES = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF8"),
    *(b"RIFF", b"II*\x00", b"MM\x00*"),
)


def open_picture(path: str | os.PathLike) -> Image.Image:
    """Opens a picture by its header, without decoding it.

    Args:
        path: A file of a format that Pillow knows, whatever its name.

    Returns:
        The picture, to be used in a `with` block.

    Raises:
        ValueError: If the file is missing, empty, no picture, damaged, truncated, or
            has more than `MAX_PIXELS`. The message says so and does not name the file.
    """
    with errors_in_words(path):
        picture = Image.open(path)
        # Pillow has looked, too, unless its limit has been lifted.
        if picture.width * picture.height > MAX_PIXELS:
            picture.close()
            raise Image.DecompressionBombError
        return picture


def load_picture(path: str | os.PathLike, upright: bool = True) -> Image.Image:
    """Decodes a picture. See `open_picture`.

    Args:
        path: As there.
        upright: Whether it is turned upright as it says, or stays as it is stored.
    """
    with open_picture(path) as picture, errors_in_words(path):
        if upright:
            return ImageOps.exif_transpose(picture)
        picture.load()
        return picture


def orientation(path: str | os.PathLike, picture: Image.Image) -> int:
    """How a picture is to be turned, as its EXIF data say. 1: it is upright.

    Args:
        path: The file.
        picture: What `open_picture` made of it.
    """
    if picture.format == "PNG":
        # Pillow would decode all of it to find out.
        content = pathlib.Path(path).read_bytes()
        if not any(word in content for word in (b"eXIf", b"exif", b"Orientation")):
            return 1
    return picture.getexif().get(_ORIENTATION, 1)


@contextlib.contextmanager
def errors_in_words(path: str | os.PathLike) -> Iterator[None]:
    """Says in words what is wrong with a picture that is read in the block.

    Args:
        path: The file.

    Raises:
        ValueError: If the block raises what readers of pictures raise.
    """
    try:
        yield
    except Image.DecompressionBombError as error:
        raise ValueError(f"more than {MAX_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:
        raise ValueError(_unidentified(pathlib.Path(path))) from error
    # What Pillow's readers raise for broken files.
    except (
        *(EOFError, IndexError, OSError, OverflowError, SyntaxError, TypeError),
        *(ValueError, struct.error, zlib.error),
    ) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ValueError(error.strerror) from error
        is_cut = "truncated" in str(error).lower()
        raise ValueError("truncated" if is_cut else "damaged") from error


def _unidentified(path):
    with path.open("rb") as file:
        start = file.read(max(map(len, _SIGNATURES)))
    if not start:
        return "empty"
    if start.startswith(_SIGNATURES):
        return "damaged or truncated"
    return "not a JPEG, PNG, BMP, GIF, WebP or TIFF"
