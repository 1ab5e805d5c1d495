"""Converts a saved model, as a program of its own on the TensorFlow backend.

    KERAS_BACKEND=tensorflow python -m crd_keras.export.worker FOLDER

The folder holds `model.keras`, `jobs.json` and, if they are needed, the representative
images in `images.npy`. See `crd_keras.export.run_worker.run_worker`, which starts this.
Python imports `crd_keras` before this module, and that registers the layers of its
models.
"""

import importlib
import json
import pathlib
import sys
from collections.abc import Callable

import keras
import numpy as np

from crd_keras.export.options import ExportOptions
from crd_keras.export.saved_model import write_saved_model
from crd_keras.export.tflite import write_tflite
from crd_keras.utils.errors import first_line


def main(folder: pathlib.Path, report: Callable[[dict], None]) -> None:
    """Does the jobs one after the other.

    Args:
        folder: Where they are.
        report: Called with `{}` after each job, or with `{"error": ...}`, the reason
            in one line, for the one that failed: no other follows.
    """
    content = json.loads((folder / "jobs.json").read_text())
    try:
        for module in content["modules"]:
            importlib.import_module(module)
        model = keras.saving.load_model(folder / "model.keras", compile=False)
        for job in content["jobs"]:
            _write(model, job["path"], ExportOptions(**job["options"]), folder)
            report({})
    except Exception as error:  # Whatever a converter raises.
        report({"error": first_line(error), "type": type(error).__name__})


def _write(model, path, options, folder):
    images = folder / "images.npy"
    images = np.load(images) if images.exists() else None
    if options.format == "tf_saved_model":
        write_saved_model(model, path, options)
    elif options.format == "onnx":
        # Needs packages that other formats do without.
        from crd_keras.export.onnx import write_onnx

        write_onnx(model, path, options, images)
    else:
        write_tflite(model, path, options, images)


if __name__ == "__main__":
    # Converters print what they like; the reports have standard output for themselves.
    channel, sys.stdout = sys.stdout, sys.stderr
    main(
        pathlib.Path(sys.argv[1]),
        lambda content: print(json.dumps(content), file=channel, flush=True),
    )
