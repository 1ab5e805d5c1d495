"""Exports a saved generator to other runtimes, and checks what comes out.

    python tools/export.py --model=runs/horse2zebra --output_dir=exported
    python tools/export.py --model=student.keras --images=horses --image_size=256 \\
        --format=litert --quantization=float16,full_int8 --pixels=uint8 --output_dir=out

Each file is loaded in its own runtime (TensorFlow, LiteRT, ONNX Runtime) and translates
images; the table shows how far it is from Keras, in grey levels of 255, how large it is
and how long one image takes. If one is too far off, the tool says so and exits with 1.

The model may come from any backend: TensorFlow converts, in a process of its own. To
ONNX PyTorch does, where it is the backend or TensorFlow is missing. For a run on the
built-in sample, or a model by itself, the images are the sample's. KERAS_BACKEND
chooses what Keras itself runs on.
"""

import argparse
import itertools
import json
import os
import pathlib
from collections.abc import Sequence

from crd_keras.experiment.export_pictures import folder_pictures, sample_pictures
from crd_keras.experiment.run_record import run_settings
from crd_keras.export import ExportOptions, export_models
from crd_keras.export.check import Tolerance, check_export, check_table
from crd_keras.export.options import (
    FORMATS,
    OPSETS,
    PIXELS,
    QUANTIZATIONS,
    TORCH_OPSET,
)
from crd_keras.export.packages import check_packages
from crd_keras.inference import find_multiple, translate
from crd_keras.models.load_model import load_generator
from crd_keras.models.picture_record import read_picture_record
from crd_keras.utils import environment
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import atomic_write
from crd_keras.utils.image_size import (
    as_image_size,
    image_sides,
    image_size_text,
    parse_image_size,
)
from crd_keras.utils.output_paths import check_output_file, check_output_folder
from crd_keras.utils.validation import check_at_least

_DEFAULT_IMAGE_SIZE = 256
# Of all formats, each once.
_KINDS = tuple(dict.fromkeys(itertools.chain(*QUANTIZATIONS.values())))


@accepts_debug
@one_line_errors("export")
def main(argv: Sequence[str] | None = None) -> None:
    failures = _export(_parser().parse_args(argv))
    if failures:
        raise SystemExit(
            f"export: too far from Keras are {len(failures)} file(s): "
            + "; ".join(failures)
        )


def _export(arguments):
    _check(arguments)
    if arguments.image_size is not None:
        arguments.image_size = parse_image_size(arguments.image_size, "--image_size")
    path = pathlib.Path(arguments.model)
    path = path / "student.keras" if path.is_dir() else path
    model = load_generator(str(path), "--model")
    record = read_picture_record(path)
    size = _size(model, arguments.image_size, record, path.parent)
    folder = pathlib.Path(arguments.output_dir)
    exports = _exports(arguments, folder / path.stem, size)
    check_packages((options.format for options in exports.values()), run=True)
    channels = model.input_shape[-1]
    pictures = _pictures(arguments, path.parent, size, record, channels)
    print(f"Images: {pictures.label}.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    export_models(model, exports, pictures.representative, record=record)
    expected = translate(model, pictures.compared)
    tolerance = Tolerance(arguments.max_difference, arguments.min_psnr)
    results = []
    for target, options in exports.items():
        result = check_export(
            target, pictures.compared, expected, arguments.threads, arguments.repeats
        )
        results.append({**result, "failure": tolerance.failure(result, options)})
    print(check_table(results))
    if arguments.json:
        content = {
            "results": results,
            "images": pictures.label,
            "settings": {**vars(arguments), "image_size": as_image_size(size)},
            "environment": environment.describe(),
        }
        atomic_write(arguments.json, json.dumps(content, indent=2).encode())
    names = [(pathlib.Path(r["path"]).name, r["failure"]) for r in results]
    return [f"{name} ({failure})" for name, failure in names if failure]


def _exports(arguments, stem, size):
    """Options of each file to write, by its path."""
    shared = {
        "image_size": None if arguments.free_size else size,
        "batch_size": None if arguments.free_batch else 1,
        "pixels": arguments.pixels,
        "opset_version": arguments.opset,
    }
    wanted = arguments.quantization.split(",")
    exports = {}
    for format in arguments.format.split(","):
        kinds = [kind for kind in wanted if kind in QUANTIZATIONS.get(format, ())]
        for kind in kinds or ["float32"]:
            ending = {
                "litert": f"_{kind}.tflite",
                "onnx": ".onnx" if kind == "float32" else f"_{kind}.onnx",
            }.get(format, "_saved_model")
            options = ExportOptions(format, quantization=kind, **shared)
            exports[stem.with_name(stem.name + ending)] = options
    return exports


def _size(model, image_size, record, folder):
    """Height and width of the images: as given, or the model's, or the training's."""
    own = model.input_shape[1:3]
    if image_size is None and None not in own:
        image_size = own
    if image_size is None and record is not None:
        image_size = record.image_size
    if image_size is None:
        image_size = run_settings(folder).get("image_size", _DEFAULT_IMAGE_SIZE)
    size = image_sides(image_size)
    multiple = find_multiple(model)
    if any(side % multiple for side in size):
        raise ValueError(
            f"`--image_size` must be divisible by {multiple} for this model. "
            f"Received: {image_size_text(image_size)}"
        )
    return size


def _pictures(arguments, folder, size, record, channels):
    counts = arguments.count, arguments.representative_count
    if arguments.images is None:
        return sample_pictures(folder, size, *counts, channels)
    return folder_pictures(
        arguments.images,
        arguments.representative_images,
        size,
        *counts,
        "squash" if record is None else record.framing,
        channels,
    )


def _check(arguments):
    for name in ("count", "representative_count", "threads", "repeats"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise ValueError(f"`--{name}` must be at least 1. Received: {value}")
    unknown = set(arguments.quantization.split(",")).difference(_KINDS)
    if unknown:
        raise ValueError(
            f"`--quantization` must be some of {','.join(_KINDS)}. "
            f"Received: {arguments.quantization}"
        )
    tolerance = ("max_difference", "min_psnr")
    check_at_least(0, **{f"--{name}": getattr(arguments, name) for name in tolerance})
    for name in ("images", "representative_images"):
        value = getattr(arguments, name)
        if value is not None and not pathlib.Path(value).is_dir():
            raise ValueError(f"`--{name}` must be a folder. Received: {value}")
    if arguments.representative_images and not arguments.images:
        raise ValueError(
            "`--representative_images` needs `--images`, those to compare. "
            f"Received: {arguments.representative_images}"
        )
    check_output_folder("--output_dir", arguments.output_dir)
    if arguments.json:
        check_output_file("--json", arguments.json, (".json",))


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", required=True, help="A .keras file, or a run's folder.")
    add("--output_dir", required=True, help="Folder to write to; made if needed.")
    add("--format", default=",".join(FORMATS), help="Some of %(default)s.")
    add(
        "--quantization",
        default=",".join(_KINDS),
        help="Some of %(default)s. Each format takes those that it has, or float32.",
    )
    add(
        "--opset",
        type=int,
        default=OPSETS[-1],
        help=f"Of ONNX: {OPSETS[0]} to {OPSETS[-1]} (%(default)s). From PyTorch: "
        f"{TORCH_OPSET}.",
    )
    add(
        "--image_size",
        help="Height and width such as 272x480, or one number for both. Default: the "
        "model's, the training's, or 256.",
    )
    add("--free_size", action="store_true", help="Files for images of any size.")
    add("--free_batch", action="store_true", help="Files for any number of images.")
    add(
        "--pixels",
        choices=PIXELS,
        default="float",
        help="Images in [-1, 1], or uint8 in and out (default: float).",
    )
    add("--images", help="Folder of images to compare on.")
    add(
        "--representative_images",
        help="Folder of images that full_int8 and static_int8 measure ranges on. "
        "Default: --images.",
    )
    add("--count", type=int, default=16, help="Images to compare on (%(default)s).")
    add(
        "--representative_count",
        type=int,
        default=48,
        help="Images to measure ranges on (%(default)s).",
    )
    add(
        "--max_difference",
        type=float,
        default=1.0,
        help="Mean grey levels that float files may be off (%(default)s).",
    )
    add(
        "--min_psnr",
        type=float,
        default=25.0,
        help="PSNR in dB that int8 files must have (%(default)s).",
    )
    add(
        "--threads",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="Threads of LiteRT and ONNX Runtime. Default: one for each core.",
    )
    add("--repeats", type=int, default=9, help="Runs that are timed (%(default)s).")
    add("--json", help="Write the results to this .json file as well.")
    return parser
