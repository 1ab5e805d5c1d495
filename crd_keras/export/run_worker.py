"""Starts the program that converts, and passes on what it says."""

import dataclasses
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping

import keras
import numpy as np

from crd_keras.export.options import ExportOptions
from crd_keras.export.packages import converting_backend
from crd_keras.utils.full_disk import naming_full_disk

_ERRORS = {
    "ImportError": ImportError,
    "ModuleNotFoundError": ImportError,
    "OSError": OSError,
}


def run_worker(
    model: keras.Model,
    jobs: Mapping[pathlib.Path, ExportOptions],
    representative_images: np.ndarray | None,
) -> Generator[pathlib.Path, None, None]:
    """Converts a model under the backend that can, whichever this process has.

    Args:
        model: The model. Layers of its own must be registered with Keras in a module
            that can be imported.
        jobs: What to write, and how.
        representative_images: See `export_model`.

    Yields:
        Each path, when it has been written.

    Raises:
        ImportError: If a package that converts is not installed.
        OSError: If a file cannot be written.
        ValueError: If the model cannot be converted so.
        RuntimeError: If the process ends without a reason.
    """
    by_backend = itertools.groupby(jobs, lambda x: converting_backend(jobs[x].format))
    for backend, paths in by_backend:
        some_jobs = {path: jobs[path] for path in paths}
        yield from _run(backend, model, some_jobs, representative_images)


def _run(backend, model, jobs, representative_images):
    """`run_worker` of jobs for one backend."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with naming_full_disk(folder):
            _write_jobs(folder, model, jobs, representative_images)
        log_file = (folder / "log").open("w+")
        with (
            log_file as log,
            _start(folder, backend, _modules(model), log) as process,
        ):
            try:
                for path in jobs:
                    _check(process.stdout.readline(), log)
                    yield path
            finally:
                process.kill()


def _write_jobs(folder, model, jobs, representative_images):
    model.save(folder / "model.keras")
    if representative_images is not None:
        np.save(folder / "images.npy", representative_images)
    content = {
        "modules": _modules(model),
        "jobs": [
            {"path": str(path), "options": dataclasses.asdict(options)}
            for path, options in jobs.items()
        ],
    }
    (folder / "jobs.json").write_text(json.dumps(content))


def _start(folder, backend, modules, log):
    # What this process could import: this package, and layers of the user's own.
    folders = [*map(_root, ("crd_keras", *modules)), os.environ.get("PYTHONPATH")]
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, folders))),
        # Nothing is to be gained from a GPU, which this process may have filled.
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_TORCH_DEVICE": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, "-m", "crd_keras.export.worker", str(folder)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
    )


def _check(line, log):
    if not line:
        log.seek(0)
        lines = log.read().strip().splitlines() or ["no reason was given"]
        raise RuntimeError(f"the process that converts has ended: {lines[-1]}")
    report = json.loads(line)
    if "error" in report:
        raise _ERRORS.get(report["type"], ValueError)(report["error"])


def _modules(model):
    """Modules of the model's own layers, which Keras must know to load it."""
    layers = (type(layer) for layer in model._flatten_layers())
    modules = {layer.__module__ for layer in layers}
    return sorted(m for m in modules if m.split(".")[0] not in ("keras", "__main__"))


def _root(name):
    """The folder that a module is imported from; `None` if from no file."""
    file = getattr(sys.modules[name], "__file__", None)
    if file is None:
        return None
    path = pathlib.Path(file).resolve()
    return str(path.parents[name.count(".") + (path.stem == "__init__")])
