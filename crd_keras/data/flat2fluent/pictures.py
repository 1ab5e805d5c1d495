"""The pictures of flat2fluent: fetched, drawn on white and kept."""

import io
import os
import pathlib
import shutil
import tarfile
import tempfile
from collections.abc import Mapping

from PIL import Image

from crd_keras.data.flat2fluent.emoji import emoji_name, is_taken, split_of
from crd_keras.data.image_files import map_with_progress
from crd_keras.utils.download import alone_in_cache
from crd_keras.utils.files import move_into_place, temporary_beside
from crd_keras.utils.npm import NpmPackage

IMAGE_SIZE = 256

TWEMOJI = NpmPackage(
    "@twemoji/svg",
    "15.0.0",
    "ZSPef2B6nBaYnfgdTbAy4jgW95o7pi2xPGwGCU+WMTxo7J6B1lMPTWwSq/wTuiMq+N0khQ90CcvYp1wF"
    "oQpo/w==",
)
FLUENT = NpmPackage(
    "@lobehub/fluent-emoji-3d",
    "1.1.0",
    "Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lU"
    "AG3h7g==",
)

# Another number when other pictures are made, so that old ones are not taken for them.
_FOLDER = "flat2fluent-1"

_HINT = (
    f"a copy of the folder datasets/{_FOLDER} of another computer's Keras cache "
    "(~/.keras) does as well"
)

_ATTRIBUTION = pathlib.Path(__file__).with_name("ATTRIBUTION.txt")


def prepared_folder(cache_dir: str | os.PathLike | None) -> pathlib.Path:
    """The folder with the pictures, made if need be.

    It holds trainA, trainB, testA and testB, PNGs of 256x256 that are named by their
    code points, and ATTRIBUTION.txt. It appears when it is whole.

    Args:
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Raises:
        ConnectionError: If npm cannot fetch the packages.
        DiskFullError: If there is no space for the pictures.
        FileNotFoundError: If npm is not installed.
        ImportError: If resvg_py, which draws the flat emoji, is not installed.
        ValueError: If what came has another checksum.
    """
    with alone_in_cache("datasets", cache_dir) as datasets:
        folder = datasets / _FOLDER
        if not folder.is_dir():
            _import_resvg()
            with (
                tempfile.TemporaryDirectory() as packages,
                temporary_beside(folder) as temporary,
            ):
                flat, fluent = (p.fetch(packages, _HINT) for p in (TWEMOJI, FLUENT))
                temporary.mkdir()
                _write(temporary, _files(flat, ".svg"), _files(fluent, ".webp"))
                move_into_place(temporary, folder)
        return folder


def _files(package: pathlib.Path, suffix: str) -> dict[str, bytes]:
    """The pictures in a package, by the names of their emoji."""
    files = {}
    with tarfile.open(package) as archive:
        for member in archive:
            path = pathlib.PurePosixPath(member.name)
            file = archive.extractfile(member)
            if path.suffix == suffix and file is not None:
                # A few are there under two names: the last one counts.
                files[emoji_name(path.stem)] = file.read()
    return files


def _write(
    folder: pathlib.Path, flat: Mapping[str, bytes], fluent: Mapping[str, bytes]
) -> None:
    names = sorted(name for name in flat.keys() & fluent.keys() if is_taken(name))
    for split in ("train", "test"):
        for domain in "AB":
            (folder / f"{split}{domain}").mkdir()

    def write(name):
        split = split_of(name)
        pictures = {"A": _draw(flat[name]), "B": fluent[name]}
        for domain, content in pictures.items():
            _on_white(content).save(folder / f"{split}{domain}" / f"{name}.png")

    map_with_progress(write, names, "Drawing emoji")
    shutil.copyfile(_ATTRIBUTION, folder / _ATTRIBUTION.name)


def _draw(svg: bytes) -> bytes:
    return _import_resvg().svg_to_bytes(
        svg_string=svg.decode(),
        width=IMAGE_SIZE,
        height=IMAGE_SIZE,
        # The emoji have no text. To look for fonts takes most of the time.
        skip_system_fonts=True,
    )


def _on_white(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture.convert("RGBA"))
    size = (IMAGE_SIZE, IMAGE_SIZE)
    return white.convert("RGB").resize(size, Image.Resampling.BICUBIC)


def _import_resvg():
    try:
        import resvg_py
    except ImportError as error:
        raise ImportError(
            "flat2fluent is drawn with resvg_py, which is not installed: `pip install "
            '"crd_keras[flat2fluent]"`'
        ) from error
    return resvg_py
