"""Makes a folder of a teacher's images, for students to learn from.

    python tools/teach.py --model=teacher.onnx --images=photos --output=taught
    python tools/teach.py --model=latest_net_G_A.pth --images=my/trainA --output=taught

The model is a .keras file, an .onnx file of any program (channels first or last), or a
PyTorch checkpoint (docs/pytorch_checkpoints.md). Each picture of --images becomes a PNG
of the same name and size, upright. It is shown to the model whole, at its own size, in
grey or colour as the model takes it: a training frames source and PNG alike. What is
there already is not made again, so an interrupted call is simply repeated. A training
takes the folder with --taught.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from crd_keras.commands.translation import image_files
from crd_keras.commands.translation.teacher_files import (
    SUFFIXES,
    TeacherFile,
    load_teacher,
)
from crd_keras.data.pixels import read_pixels
from crd_keras.inference import check_fixed_size, through_multiples
from crd_keras.utils.checksum import file_sha256
from crd_keras.utils.errors import (
    DEBUG_HELP,
    accepts_debug,
    first_line,
    one_line_errors,
)
from crd_keras.utils.files import atomic_write, remove_left_overs
from crd_keras.utils.images import from_pixels, levels, to_uint8
from crd_keras.utils.output_paths import check_output_folder
from crd_keras.utils.validation import check_image_range

_RANGES = {"-1:1": (-1.0, 1.0), "0:1": (0.0, 1.0), "0:255": (0.0, 255.0)}

# Says which model has made the pictures in a folder.
_RECORD = "taught.json"


@accepts_debug
@one_line_errors("teach")
def main(argv: Sequence[str] | None = None) -> None:
    _teach(_parser().parse_args(argv))


def _teach(arguments):
    if arguments.multiple is not None and arguments.multiple < 1:
        raise ValueError(
            f"`--multiple` must be at least 1. Received: {arguments.multiple}"
        )
    folder = check_output_folder("--output", arguments.output)
    targets = _targets(pathlib.Path(arguments.images), folder)
    teacher = load_teacher(
        pathlib.Path(arguments.model), "--model", _RANGES[arguments.range]
    )
    if arguments.multiple is not None:
        teacher = teacher._replace(multiple=arguments.multiple)
    record = {
        "model": pathlib.Path(arguments.model).name,
        "sha256": file_sha256(arguments.model),
        "range": arguments.range,
        "multiple": teacher.multiple,
    }
    _check_record(folder, record)
    missing = [path for path, target in targets.items() if not target.exists()]
    if missing:
        missing = image_files.readable_images(
            missing, "--images", arguments.on_corrupt, teacher.channels
        )
    for path in tqdm(missing, desc="Teaching", unit="image"):
        image = _translated(teacher, path)
        # Not before there is something to write.
        folder.mkdir(parents=True, exist_ok=True)
        if path is missing[0]:
            remove_left_overs(folder)
            atomic_write(folder / _RECORD, json.dumps(record).encode())
        image_files.write(targets[path], image)
    print(f"{folder}: {len(missing)} made of {len(targets)} pictures")


def _targets(images: pathlib.Path, folder: pathlib.Path) -> dict:
    """What each picture of a folder becomes."""
    if not images.is_dir():
        raise ValueError(f"`--images` must be a folder. Received: {images}")
    if folder.exists() and folder.samefile(images):
        raise ValueError(
            f"`--output` must be another than --images. Received: {folder}"
        )
    targets: dict[pathlib.Path, pathlib.Path] = {}
    for path in image_files.images_of(images):
        target = folder / f"{path.stem}.png"
        if target in targets.values():
            raise ValueError(
                f"`--images` has two pictures that would become {target}. "
                f"Received: {path}"
            )
        targets[path] = target
    if not targets:
        raise ValueError(
            f"`--images` needs images ({', '.join(image_files.EXTENSIONS)}). "
            f"Received: {images}, which has none"
        )
    return targets


def _check_record(folder: pathlib.Path, record: dict) -> None:
    """Refuses to mix the pictures of two teachers in one folder."""
    path = folder / _RECORD
    if not path.exists():
        if folder.exists() and image_files.images_of(folder):
            raise ValueError(
                "`--output` must be new, or what this command has made. "
                f"Received: {folder}, with pictures and no {_RECORD}"
            )
        return
    try:
        former = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"`--output` has a {_RECORD} that is none: {error}") from error
    if former != record:
        raise ValueError(
            f"`--output` has pictures that were made in another way, {former}; choose "
            f"another folder. Received: {record}"
        )


def _translated(teacher: TeacherFile, path: pathlib.Path) -> np.ndarray:
    """The teacher's uint8 image `(height, width, channels)` of a picture."""
    pixels = levels(read_pixels(path, teacher.channels))
    image = from_pixels(pixels.astype("float32"))[None]

    def translate(padded):
        check_fixed_size(teacher.size, image.shape[1:3], padded.shape[1:3])
        try:
            translated = teacher.translate(padded)
        except Exception as error:  # Whatever a runtime raises.
            raise ValueError(f"`--model` fails: {first_line(error)}") from error
        if translated.ndim != 4 or translated.shape[-1] not in (1, 3):
            raise ValueError(
                "`--model` must give grey or colour images. "
                f"Received: a batch of shape {translated.shape}"
            )
        try:
            check_image_range(translated.min(), translated.max(), "--model")
        except ValueError as error:
            raise ValueError(
                "`--range` must be that of the model's images, which are not in "
                f"[-1, 1] by it: {translated.min():g} to {translated.max():g}"
            ) from error
        return translated

    try:
        translated = through_multiples(translate, image, teacher.multiple)
    except ValueError as error:
        raise ValueError(f"{path} cannot be translated: {error}") from error
    return to_uint8(translated[0])


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model", required=True, help=f"A generator: {', '.join(SUFFIXES)}."
    )
    parser.add_argument("--images", required=True, help="Folder of source pictures.")
    parser.add_argument("--output", required=True, help="Folder of the teacher's.")
    parser.add_argument(
        "--range",
        choices=list(_RANGES),
        default="-1:1",
        help="Black and white as the model has them, in and out (default: -1:1). A "
        "model of uint8 needs no other.",
    )
    parser.add_argument(
        "--multiple",
        type=int,
        help="Height and width are padded to multiples of this, and cropped back. "
        "Default: what a Keras model divides; 4 for ONNX.",
    )
    parser.add_argument(
        "--on_corrupt",
        choices=("refuse", "skip"),
        default="refuse",
        help="Whether a corrupt picture stops the command or is left out.",
    )
    return parser
