"""Small packages in the layout of the two that flat2fluent is made of."""

import io
import pathlib
import tarfile

import pytest
from PIL import Image

from crd_keras.utils.npm import NpmPackage

# 1f602 and 1f603 are test images by their code points.
NAMES = ("1f600", "1f601", "1f602", "1f603")
COLOURS = {"1f600": "red", "1f601": "lime", "1f602": "blue", "1f603": "black"}


def svg(colour: str) -> bytes:
    """The left half of the picture is of the colour, the rest is transparent."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">'
        f'<path fill="{colour}" d="M0 0h18v36H0z"/></svg>'
    ).encode()


def webp(colour: str) -> bytes:
    """The upper half of the picture is of the colour, the rest is transparent."""
    picture = Image.new("RGBA", (256, 256))
    picture.paste(Image.new("RGBA", (256, 128), colour))
    content = io.BytesIO()
    picture.save(content, "WEBP", lossless=True)
    return content.getvalue()


def write_package(path: pathlib.Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {"package.json": b"{}", **files}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def serve_packages(monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path) -> list[str]:
    """Fetches small packages in place of the real ones. Returns what was fetched."""
    flat = {f"{name}.svg": svg(COLOURS[name]) for name in NAMES}
    # A flag, a skin tone, and one that the other set has not.
    flat |= {f"{n}.svg": svg("red") for n in ("1f1e9-1f1ea", "1f44b-1f3fd", "1f604")}
    fluent = {f"assets/{n}-fe0f.webp": webp(COLOURS[n]) for n in NAMES}
    fluent |= {f"assets/{n}.webp": webp("red") for n in ("1f1e9-1f1ea", "1f44b-1f3fd")}
    write_package(folder / "svg.tgz", flat)
    write_package(folder / "fluent-emoji-3d.tgz", fluent)
    fetched: list[str] = []

    def fetch(self, target, hint):
        fetched.append(self.name)
        return folder / f"{self.name.rpartition('/')[2]}.tgz"

    monkeypatch.setattr(NpmPackage, "fetch", fetch)
    return fetched
