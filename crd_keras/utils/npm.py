"""Packages of npm: one version, fetched by npm itself, and its checksum."""

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
from typing import NamedTuple


class NpmPackage(NamedTuple):
    """One version of a package, which never changes.

    Attributes:
        name: Its name, such as `"@twemoji/svg"`.
        version: Its version.
        sha512: Its checksum in base64, as the registry and lock files give it.
    """

    name: str
    version: str
    sha512: str

    def check(self, path: str | os.PathLike) -> None:
        """Checks that a file is this package.

        Args:
            path: The package as `npm pack` writes it.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is another one.
        """
        path = pathlib.Path(path)
        if not path.is_file():
            raise FileNotFoundError(
                f"`package` must be a file, {self.name} {self.version}, as `npm pack` "
                f"writes it. Received: {path}"
            )
        digest = hashlib.sha512(path.read_bytes()).digest()
        if base64.b64encode(digest).decode() != self.sha512:
            raise ValueError(
                f"`package` must be {self.name} {self.version} with the checksum "
                f"sha512-{self.sha512}. Received: {path.name} with another one"
            )

    def fetch(self, folder: str | os.PathLike, hint: str) -> pathlib.Path:
        """Puts the package into a folder.

        npm fetches it from the registry that it is set up for, and keeps it in its
        cache: later calls need no network.

        Args:
            folder: A folder that exists.
            hint: What to do if it cannot be fetched, the end of the error message.

        Returns:
            The path of the package, a compressed tar archive.

        Raises:
            ConnectionError: If npm cannot fetch it.
            FileNotFoundError: If npm is not installed.
            ValueError: If what came has another checksum.
        """
        wanted = f"{self.name}@{self.version}"
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError(
                f"npm, which comes with Node.js, fetches {wanted} but is not "
                f"installed; {hint}"
            )
        options = ("--prefer-offline", "--silent", "--fetch-retries=0")
        done = subprocess.run(
            (npm, "pack", wanted, *options, f"--pack-destination={folder}"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        stem = self.name.removeprefix("@").replace("/", "-")
        path = pathlib.Path(folder) / f"{stem}-{self.version}.tgz"
        if done.returncode or not path.exists():
            raise ConnectionError(
                f"npm could not fetch {wanted}: `npm pack {wanted}` says why; {hint}"
            )
        self.check(path)
        return path
