"""ONNX Runtime Web, from its npm package."""

import itertools
import os
import pathlib
import shutil
import tarfile
import tempfile

from crd_keras.utils.npm import NpmPackage

_PACKAGE = NpmPackage(
    "onnxruntime-web",
    "1.30.0",
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4C"
    "XAfKYQ==",
)
# By backend: a script and its WebAssembly. The package's 140 MB hold others. WebGPU's
# for browsers without JSPI (JavaScript Promise Integration) is 10 MB larger.
RUNTIMES = {
    "webgpu": ("ort.jspi.bundle.min.mjs", "ort-wasm-simd-threaded.jspi.wasm"),
    "wasm": ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"),
}


def unpack_runtime(
    folder: pathlib.Path, package: str | os.PathLike | None = None
) -> None:
    """Puts the files of `RUNTIMES` into a folder.

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
        if package is None:
            hint = "pass `package` if you have its .tgz file"
            package = _PACKAGE.fetch(temporary, hint)
        else:
            _PACKAGE.check(package)
        with tarfile.open(package) as archive:
            for name in itertools.chain(*RUNTIMES.values()):
                source = archive.extractfile(f"package/dist/{name}")
                assert source is not None  # None for folders: its checksum is known.
                with source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
