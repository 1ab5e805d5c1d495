"""Measures how large and how fast models are, side by side.

    python tools/complexity.py student.keras teacher.keras student.tflite student.onnx
    python tools/complexity.py --recipe=horse2zebra --json=complexity.json

`--recipe` measures its networks: the original, the teacher where it is another one, and
the student, with how many times less than the original's their parameters and MACs are.

For each model: parameters, multiply-accumulates (MACs) for one image counted two ways
(see `crd_keras.complexity.Complexity`), size on disk, and the time that one image
takes. A `.keras` file runs on the backend of KERAS_BACKEND, `.tflite` on LiteRT and
`.onnx` on ONNX Runtime, both on the processor with OMP_NUM_THREADS threads or one for
each core.

Each model is measured in a process of its own. Times count only if others used next
to none of the cores meanwhile (last column).
"""

import argparse
import dataclasses
import json
import pathlib
import tempfile
from collections.abc import Sequence
from typing import Any

from crd_keras.complexity import measure
from crd_keras.complexity.formats import SUFFIXES
from crd_keras.experiment.presets import RECIPES
from crd_keras.utils import environment
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import atomic_write
from crd_keras.utils.image_size import parse_image_size
from crd_keras.utils.measurement import in_fresh_process, others_text, time_text
from crd_keras.utils.output_paths import check_output_file
from crd_keras.utils.text_table import text_table


@accepts_debug
@one_line_errors("complexity")
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    _check(arguments)
    settings = _settings(arguments)
    size = arguments.image_size or (settings.image_size if settings else 256)
    surroundings = environment.describe()
    print(environment.text(surroundings), flush=True)
    results = []
    if settings:
        results += _measure_recipe(arguments, settings, size)
    for path in arguments.models:
        results.append(in_fresh_process(measure, path, size, arguments.repeats))
    print(table(results))
    if arguments.json:
        content = {
            "settings": {
                "recipe": arguments.recipe,
                "preset": arguments.preset if arguments.recipe else None,
                "image_size": size,
                "repeats": arguments.repeats,
            },
            "environment": surroundings,
            "results": results,
        }
        try:
            atomic_write(arguments.json, json.dumps(content, indent=2).encode())
        except OSError as error:
            raise SystemExit(f"complexity: {error}") from error


def table(results: list[dict[str, Any]]) -> str:
    """The results as text, and below it what could not be counted."""
    headings = [
        "model",
        "on disk",
        "parameters",
        "MACs, paper's way",
        "MACs, true",
        "time, median (least to most)",
        "input",
        "runtime",
        "others' cores",
    ]
    rows = [headings]
    for result in results:
        rows.append(
            [
                result["model"],
                _bytes_text(result["bytes"]),
                _count_text(result, "parameters", "{:,}".format),
                _count_text(result, "macs_paper", _macs_text),
                _count_text(result, "macs", _macs_text),
                time_text(result["seconds"]),
                "x".join(map(str, result["input_shape"])),
                result["runtime"],
                others_text(result["cores_used_by_others"]),
            ]
        )
    lines = [text_table(rows)]
    for result in results:
        if result["not_counted"]:
            reasons = "; ".join(result["not_counted"])
            lines.append(f"{result['model']}: not known how to count: {reasons}")
    return "\n".join(lines)


def _measure_recipe(arguments, settings, size):
    """The networks before any training: size and time do not depend on it."""
    from crd_keras.experiment.networks import make_generator

    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (of_network, filters) in _networks(settings).items():
            path = pathlib.Path(folder) / "network.keras"
            make_generator(of_network, filters, seed=settings.seed).save(path)
            result = in_fresh_process(measure, path, size, arguments.repeats)
            label = f"{arguments.recipe}, {arguments.preset}: {name}"
            original = results[0] if results else result
            ratios = {
                count: original[count] / result[count]
                for count in ("parameters", "macs_paper", "macs")
            }
            results.append({**result, "model": label, "times_less": ratios})
    return results


def _networks(settings):
    """Settings and filters of the recipe's networks by name, the original first."""
    from crd_keras.experiment.networks import original_generator

    filters = settings.teacher_filters
    generator = original_generator(settings)
    if generator == settings.generator:
        networks = {"original and teacher": (settings, filters)}
    else:
        original = dataclasses.replace(settings, generator=generator)
        networks = {"original": (original, filters), "teacher": (settings, filters)}
    return networks | {"student": (settings, settings.student_filters)}


def _settings(arguments):
    """The settings of the recipe's preset, `None` without recipe."""
    if arguments.recipe is None:
        return None
    # A name and not a path: what is imported is of that folder.
    if arguments.recipe not in RECIPES:
        raise ValueError(
            f"`--recipe` must be one of {', '.join(RECIPES)}. "
            f"Received: {arguments.recipe}"
        )
    presets = RECIPES[arguments.recipe]
    if arguments.preset not in presets:
        raise ValueError(
            f"`--preset` must be one of {', '.join(presets) or 'none'} for the recipe "
            f"{arguments.recipe}. Received: {arguments.preset}"
        )
    return presets[arguments.preset]


def _check(arguments):
    if not arguments.models and arguments.recipe is None:
        raise ValueError("name model files, or pass --recipe")
    if arguments.image_size is not None:
        arguments.image_size = parse_image_size(arguments.image_size, "--image_size")
    if arguments.repeats < 1:
        raise ValueError(
            f"`--repeats` must be at least 1. Received: {arguments.repeats}"
        )
    for path in arguments.models:
        if path.suffix not in SUFFIXES:
            raise ValueError(
                f"a model file must end with one of {', '.join(SUFFIXES)}. "
                f"Received: {path}"
            )
        if not path.is_file():
            raise ValueError(f"there is no model file {path}")
    if arguments.json:
        check_output_file("--json", arguments.json, (".json",))


def _bytes_text(number):
    return f"{number / 1e6:.2f} MB"


def _macs_text(macs):
    return f"{macs / 1e9:.4g} G"


def _count_text(result, name, text):
    if result[name] is None:
        return "unknown"
    ratios = result.get("times_less")
    return text(result[name]) + (f" ({ratios[name]:.1f}x)" if ratios else "")


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "models", nargs="*", type=pathlib.Path, help=".keras, .tflite or .onnx files."
    )
    parser.add_argument("--recipe", help="Measure its networks as well.")
    parser.add_argument("--preset", default="paper", help="Of the recipe.")
    parser.add_argument(
        "--image_size",
        help="Height and width in pixels where a model leaves them open: one number, "
        "or two such as 272x480. Default: 256, or the recipe's.",
    )
    parser.add_argument("--repeats", type=int, default=9, help="Runs that are timed.")
    parser.add_argument("--json", help="Write the results to this .json file as well.")
    return parser
