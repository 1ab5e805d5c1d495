"""Packages of npm, with a program in npm's place."""

import base64
import hashlib
import os
import pathlib

import pytest

from crd_keras.utils import npm
from crd_keras.utils.npm import NpmPackage

pytestmark = pytest.mark.any_backend

CONTENT = b"a package"
PACKAGE = NpmPackage(
    "@scope/name", "1.2.3", base64.b64encode(hashlib.sha512(CONTENT).digest()).decode()
)


def fake_npm(folder: pathlib.Path, script: str) -> None:
    path = folder / "npm"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder where npm is looked for first."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


WRITE = (
    'for last; do :; done; printf "%s" "{content}" > '
    '"${{last#--pack-destination=}}/scope-name-1.2.3.tgz"; '
    '[ "$1 $2" = "pack @scope/name@1.2.3" ]'
)


def test_fetches_what_it_names(programs, tmp_path):
    fake_npm(programs, WRITE.format(content="a package"))
    path = PACKAGE.fetch(tmp_path, "")
    assert path == tmp_path / "scope-name-1.2.3.tgz"
    assert path.read_bytes() == CONTENT


def test_another_checksum(programs, tmp_path):
    fake_npm(programs, WRITE.format(content="another"))
    with pytest.raises(
        ValueError, match="`package` must be @scope/name 1.2.3 with.*Re"
    ):
        PACKAGE.fetch(tmp_path, "")


def test_no_network(programs, tmp_path):
    fake_npm(programs, "exit 1")
    message = "npm could not fetch @scope/name@1.2.3: .* says why; use another$"
    with pytest.raises(ConnectionError, match=message):
        PACKAGE.fetch(tmp_path, "use another")


def test_no_npm(tmp_path, monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="but is not installed; use another$"):
        PACKAGE.fetch(tmp_path, "use another")
