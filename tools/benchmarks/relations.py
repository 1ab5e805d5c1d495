"""The content-relation loss beside its direct form.

Forward and backward for one batch of images, of ContentRelationLoss (`gram`), which
works on Gram matrices in blocks, and of the definition written out (`direct`): all
N x N x D differences of contents and the backend's own gradient. Both are compiled as
a training step is: tf.function, jax.jit, PyTorch eagerly.

Each form is measured in a process of its own, which first runs it on small images.
Peak memory is that of the first run at full size (compiling included) and of all
later ones, beyond what is occupied before; times are those of the later ones.
Times count only if others used next to none of the cores meanwhile (last column).

The direct form of large images does not fit: `--image_size=512 --forms gram`.
"""

import argparse
import functools
import statistics
from typing import Any

import keras
import numpy as np
from benchmarks import compiled
from benchmarks.direct_relations import direct_relation_loss
from benchmarks.networks import check_patches

from crd_keras.losses import ContentRelationLoss
from crd_keras.utils.measurement import (
    PeakMemory,
    in_fresh_process,
    memory_text,
    others_text,
    seconds_of,
    time_text,
)
from crd_keras.utils.text_table import text_table

CASES = {
    "row": ("row",),
    "column": ("column",),
    "patch": ("patch",),
    "all": ("row", "column", "patch"),
}
FORMS = ("gram", "direct")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument("--patch_size", type=int, default=32, help="In pixels.")
    parser.add_argument("--batch_size", type=int, default=1)
    parser.add_argument("--contents", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--repeats", type=int, default=7, help="Runs that are timed.")


def run(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    check_patches(arguments.image_size, arguments.patch_size)
    results = []
    for case in arguments.contents:
        forms, gradients = {}, {}
        for form in arguments.forms:
            forms[form], gradients[form] = in_fresh_process(
                _measure,
                form,
                case,
                arguments.image_size,
                arguments.patch_size,
                arguments.batch_size,
                arguments.repeats,
            )
        result = {"contents": case, **forms}
        if len(forms) == len(FORMS):
            result |= _comparison(forms, gradients)
        results.append(result)
    return results


def _comparison(forms, gradients):
    gram, direct = forms["gram"], forms["direct"]
    difference = np.linalg.norm(gradients["gram"] - gradients["direct"])
    return {
        "time_ratio": direct["median_seconds"] / gram["median_seconds"],
        "least_time_ratio": min(direct["seconds"]) / min(gram["seconds"]),
        "memory_ratio": _ratio(direct["peak_extra_bytes"], gram["peak_extra_bytes"]),
        "relative_difference": abs(gram["loss"] / direct["loss"] - 1),
        "relative_gradient_difference": float(
            difference / np.linalg.norm(gradients["direct"])
        ),
    }


def table(results: list[dict[str, Any]]) -> str:
    headings = "time, median (least to most)", "peak memory", "others' cores"
    rows, differences = [("contents", "form", *headings)], []
    for result in results:
        contents = result["contents"]
        for form in FORMS:
            if form in result:
                rows.append((contents, form, *_columns(result[form])))
        if "time_ratio" in result:
            rows.append((contents, "ratio", *_ratios(result), ""))
            differences.append(
                f"{contents}: forms differ by {result['relative_difference']:.1e} in "
                f"the loss, {result['relative_gradient_difference']:.1e} in the "
                "gradient (relative)"
            )
    return "\n".join([text_table(rows), *differences])


def _columns(measured):
    return (
        time_text(measured["seconds"]),
        memory_text(measured["peak_extra_bytes"]),
        others_text(measured["cores_used_by_others"]),
    )


def _ratios(result):
    times = (
        f"{result['time_ratio']:.1f} (of the least {result['least_time_ratio']:.1f})"
    )
    memory = result["memory_ratio"]
    return times, "unknown" if memory is None else f"{memory:.1f}"


def _measure(form, case, image_size, patch_size, batch_size, repeats):
    """Runs in a process of its own. Measurements, and the gradient to compare."""
    if form == "gram":
        loss = ContentRelationLoss(CASES[case], patch_size)
    else:
        loss = functools.partial(
            direct_relation_loss, contents=CASES[case], patch_size=patch_size
        )
    # What a backend sets up once (thread pools, compiler) is set up on small images.
    _runner(loss, 2 * patch_size, patch_size, batch_size)()
    run_once = _runner(loss, image_size, patch_size, batch_size)
    with PeakMemory() as memory:
        value, gradient = run_once()
        seconds, others = seconds_of(run_once, repeats)
    result = {
        "loss": float(value),
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "peak_extra_bytes": memory.extra_bytes,
        "cores_used_by_others": others,
    }
    return result, gradient


def _runner(loss, image_size, patch_size, batch_size):
    step = compiled.value_and_gradient(loss)
    shape = (batch_size, image_size, image_size, 3)
    inputs = [
        keras.ops.convert_to_tensor(_images(shape, patch_size, seed)) for seed in (0, 1)
    ]

    def run_once():
        # As arrays of the host: a device has then finished.
        return tuple(map(keras.ops.convert_to_numpy, step(*inputs)))

    return run_once


def _images(shape, patch_size, seed):
    """Coloured squares with noise on them: contents that differ as a picture's do."""
    rng = np.random.default_rng(seed)
    batch, height, width, channels = shape
    squares = rng.uniform(
        -0.8, 0.8, (batch, height // patch_size, width // patch_size, channels)
    )
    squares = squares.repeat(patch_size, axis=1).repeat(patch_size, axis=2)
    return (squares + rng.uniform(-0.2, 0.2, shape)).astype("float32")


def _ratio(a, b):
    return a / b if a and b else None
