"""One image through teacher and student, in Keras and in the runtimes of exports.

The paper's CycleGAN teacher and student, with random weights unless files are given:
how long an image takes does not depend on them. Keras runs its compiled predict
function on the current backend; exports run in LiteRT (.tflite) and ONNX Runtime.

All are measured in turns, in one process that has as many processor cores as threads.
Ratios are Keras' time / the runtime's for the same network and threads, and teacher's
/ student's in the same runtime: above 1 is faster. Times by themselves count only if
others used next to none of the cores meanwhile (last column).

`--per_operator` adds a table for each export: which operators its runtime runs, as the
runtime's own profiler measures them, and the share of convolutions.
"""

import argparse
import contextlib
import importlib
import os
import pathlib
import statistics
import tempfile
from typing import Any

import keras
import numpy as np
from benchmarks.operator_table import operator_shares, operator_table

from crd_keras import models
from crd_keras.export import ExportOptions, export_models
from crd_keras.export.runtimes import load_exported
from crd_keras.inference import find_multiple, translate
from crd_keras.models.load_model import load_generator
from crd_keras.utils.measurement import (
    in_fresh_process,
    others_text,
    seconds_in_turns,
    time_text,
)
from crd_keras.utils.text_table import text_table

NETWORKS = {"teacher": 64, "student": 16}
"""Filters of the networks that are measured."""

EXPORTS = {
    "LiteRT float32": ("litert", "float32"),
    "LiteRT float16": ("litert", "float16"),
    "LiteRT dynamic int8": ("litert", "dynamic_int8"),
    "LiteRT full int8": ("litert", "full_int8"),
    "ONNX Runtime float32": ("onnx", "float32"),
    "ONNX Runtime float16": ("onnx", "float16"),
    "ONNX Runtime static int8": ("onnx", "static_int8"),
}

_SUFFIXES = {"litert": ".tflite", "onnx": ".onnx"}
# By suffix the module of the runtime's profiler. Only one runtime may be there.
_PROFILERS = {".tflite": "litert_profiler", ".onnx": "onnx_runtime_profiler"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--teacher", help="A .keras file.")
    parser.add_argument("--student", help="A .keras file.")
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument(
        "--threads", type=int, nargs="+", default=[1, 2], help="Default: 1 2."
    )
    parser.add_argument(
        "--exports", nargs="*", choices=EXPORTS, default=list(EXPORTS), metavar="EXPORT"
    )
    parser.add_argument("--repeats", type=int, default=15, help="Runs that are timed.")
    parser.add_argument(
        "--per_operator", action="store_true", help="Profile the operators of exports."
    )


def run(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    usable = len(os.sched_getaffinity(0))
    if not 1 <= min(arguments.threads) <= max(arguments.threads) <= usable:
        raise ValueError(
            f"`--threads` must be 1 to {usable}, the cores that there are. "
            f"Received: {arguments.threads}"
        )
    results = []
    # All of them first: what is wrong with the student shows before the teacher runs.
    networks = {name: _network(name, arguments) for name in NETWORKS}
    with tempfile.TemporaryDirectory() as folder:
        files = {
            (network, runtime): path
            for network, model in networks.items()
            for runtime, path in _write(
                model, pathlib.Path(folder) / network, arguments
            ).items()
        }
        for threads in arguments.threads:
            for (network, runtime), measured in zip(
                files, _measured(list(files.values()), arguments, threads), strict=True
            ):
                size = files[network, runtime].stat().st_size
                names = {"network": network, "runtime": runtime, "threads": threads}
                results.append({**names, "bytes": size, **measured})
    return [{**result, **_ratios(result, results)} for result in results]


def table(results: list[dict[str, Any]]) -> str:
    headings = "time, median (least to most)", "Keras /", "teacher /", "others' cores"
    rows = [("network", "runtime", "threads", "size", *headings)]
    for result in results:
        by_teacher = result["teacher_ratio"]
        rows.append(
            (
                result["network"],
                result["runtime"],
                result["threads"],
                f"{result['bytes'] / 1e6:.2f} MB",
                time_text(result["seconds"]),
                f"{result['keras_ratio']:.2f}",
                "" if by_teacher is None else f"{by_teacher:.2f}",
                others_text(result["cores_used_by_others"]),
            )
        )
    profiles = [
        f"{result['network']}, {result['runtime']}, {result['threads']} thread(s)\n"
        + operator_table(result["operators"])
        for result in results
        if "operators" in result
    ]
    return "\n\n".join([text_table(rows), *profiles])


def _network(name, arguments):
    path = getattr(arguments, name)
    if path is None:
        model = models.mobile_resnet_generator(filters=NETWORKS[name], seed=0)
    else:
        model = load_generator(path, f"--{name}")
    multiple = find_multiple(model)
    if arguments.image_size % multiple:
        raise ValueError(
            f"`--image_size` must be divisible by {multiple} for the {name}. "
            f"Received: {arguments.image_size}"
        )
    return model


def _write(model, folder, arguments):
    """Files of the network, by what runs them."""
    folder.mkdir()
    size = (arguments.image_size, arguments.image_size)
    files = {"Keras": folder / "network.keras"}
    model.save(files["Keras"])
    exports = {}
    for name in arguments.exports:
        format, quantization = EXPORTS[name]
        files[name] = folder / f"{quantization}{_SUFFIXES[format]}"
        exports[files[name]] = ExportOptions(format, size, quantization=quantization)
    if exports:
        # How long whole numbers take does not depend on their scales.
        export_models(model, exports, _images(8, arguments.image_size))
    return files


def _measured(paths, arguments, threads):
    """Times of each file, and what its operators take if that is wanted."""
    size = arguments.image_size
    with _limited_to(threads):
        times = in_fresh_process(_measure, paths, size, threads, arguments.repeats)
        if arguments.per_operator:
            for path, result in zip(paths, times, strict=True):
                if path.suffix in _PROFILERS:
                    result["operators"] = in_fresh_process(
                        _profile, path, size, threads, arguments.repeats
                    )
    return times


def _measure(paths, image_size, threads, repeats):
    """Runs in a process of its own."""
    images = _images(1, image_size)
    functions = [_translating(path, threads, images) for path in paths]
    all_seconds, others = seconds_in_turns(functions, repeats)
    return [
        {
            "seconds": seconds,
            "median_seconds": statistics.median(seconds),
            "cores_used_by_others": others,
        }
        for seconds in all_seconds
    ]


def _translating(path, threads, images):
    """A function that translates the images with a file."""
    if path.suffix == ".keras":
        model = keras.saving.load_model(path, compile=False)
        return lambda: translate(model, images)
    exported = load_exported(path, threads)
    return lambda: exported(images)


def _profile(path, image_size, threads, repeats):
    """Runs in a process of its own."""
    profiler = importlib.import_module(f"benchmarks.{_PROFILERS[path.suffix]}")
    runs = profiler.operator_times(path, threads, _images(1, image_size), repeats)
    return operator_shares(runs)


def _images(count, image_size):
    shape = (count, image_size, image_size, 3)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")


@contextlib.contextmanager
def _limited_to(threads):
    """What is started in here has so many cores, and knows it."""
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    before = {name: os.environ.get(name) for name in names}
    cores = os.sched_getaffinity(0)
    try:
        os.environ.update(dict.fromkeys(names, str(threads)))
        os.sched_setaffinity(0, sorted(cores)[:threads])
        yield
    finally:
        os.sched_setaffinity(0, cores)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _ratios(result, results):
    def seconds(**other):
        wanted = {**result, **other}
        keys = ("network", "runtime", "threads")
        return next(
            r["median_seconds"]
            for r in results
            if all(r[key] == wanted[key] for key in keys)
        )

    own = result["median_seconds"]
    is_teacher = result["network"] == "teacher"
    return {
        "keras_ratio": seconds(runtime="Keras") / own,
        "teacher_ratio": None if is_teacher else seconds(network="teacher") / own,
    }
