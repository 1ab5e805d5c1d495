"""Translates images or a video with a saved generator.

    python tools/translate.py --model=student.keras --input=horse.jpg --output=z.png
    python tools/translate.py --model=student.keras --input=horses --output=zebras
    python tools/translate.py --model=student.keras --input=horses.mp4 --output=z.mp4

Images may have any size. How they are shown to the generator --framing says; by default
the model's own record does, which `crd train` writes into it:

- none, of models trained by squash and of those without a record: whole, at their own
  size, padded by their mirror image to what the generator divides and cropped back.
- crop: their largest middle part of the shape that the generator was trained on, at the
  size that it was trained on. The rest is lost.
- pad: whole, fitted into that size and padded with white, which is cut off again.
- squash: whole, squashed to that size. The result has the image's own shape again.

Nothing is enlarged: but for none, results are as large as the generator's images or as
what is left of them. They come upright, transparent ones on white, in grey or
colour as the generator takes them. 16 bits stay 16 in .png, .tif and .npy files, and
floats in [0, 1] stay floats in .npy files.
A folder's images keep their names, with the extension of --format. Videos keep their
frame rate and lose their sound. One image, or --batch_size of them, is in memory at a
time. Of an image that would take too much of it some rows are, at any time, and the
rest in temporary files (TMPDIR): see --tile. KERAS_BACKEND chooses TensorFlow, JAX or
PyTorch.
"""

import argparse
import pathlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from crd_keras.commands.translation import image_files, video
from crd_keras.commands.translation.batches import batches_of_one_size
from crd_keras.commands.translation.frame import Frame
from crd_keras.data.pixels import read_pixels
from crd_keras.inference import (
    find_multiple,
    fits_multiple,
    through_multiples,
    translate_any_size,
)
from crd_keras.models.load_model import load_generator
from crd_keras.models.picture_record import read_picture_record
from crd_keras.tiling import TiledNetwork, UntiledLayerError
from crd_keras.utils.channels import check_convertible, with_channels
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.framing import FRAMINGS
from crd_keras.utils.images import (
    from_levels,
    from_pixels,
    levels,
    to_pixels,
    to_uint8,
)
from crd_keras.utils.output_paths import check_output_folder

_LEAST_MULTIPLE = 4

# An image whose largest tensor takes more is translated some rows at a time: untiled it
# would take several times as much.
_LARGEST_BYTES = 2**28


@accepts_debug
@one_line_errors("translate")
def main(argv: Sequence[str] | None = None) -> None:
    _translate(_parser().parse_args(argv))


def _translate(arguments):
    for name in ("batch_size", "multiple"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise ValueError(f"`--{name}` must be at least 1. Received: {value}")
    if arguments.tile is not None and arguments.tile < 0:
        raise ValueError(f"`--tile` must be at least 0. Received: {arguments.tile}")
    source, target = pathlib.Path(arguments.input), pathlib.Path(arguments.output)
    if source.is_dir():
        if target.is_file() or image_files.is_image(target) or video.is_video(target):
            raise ValueError(
                "`--output` must be a folder for a folder of images. "
                f"Received: {target}"
            )
        paths = image_files.images_of(source)
        if not paths:
            raise ValueError(
                f"`--input` needs images ({', '.join(image_files.EXTENSIONS)}). "
                f"Received: {source}, which has none"
            )
        jobs = [(p, target / f"{p.stem}.{arguments.format}") for p in paths]
        _translate_images(jobs, arguments)
    elif not source.is_file():
        raise ValueError(f"`--input` must exist. Received: {source}")
    elif image_files.is_image(source):
        if not image_files.is_image(target):
            if target.suffix and not target.is_dir():
                raise ValueError(
                    "`--output` must be a folder or end with one of "
                    f"{', '.join(image_files.EXTENSIONS)}. Received: {target}"
                )
            target = target / f"{source.stem}.{arguments.format}"
        _translate_images([(source, target)], arguments)
    elif video.is_video(source):
        _translate_video(source, target, arguments)
    else:
        known = (*image_files.EXTENSIONS, *video.EXTENSIONS)
        raise ValueError(
            f"`--input` must be a folder or end with one of {', '.join(known)}. "
            f"Received: {source}"
        )


def _translate_images(jobs, arguments):
    _check_targets(jobs, arguments.overwrite)
    model, frame = _generator(arguments)
    taken, given = model.input_shape[-1], model.output_shape[-1]
    for _, target in jobs:
        image_files.check_channels(target, given)
    targets = dict(jobs)
    readable = image_files.readable_images(
        list(targets), "--input", arguments.on_corrupt, taken
    )
    jobs = [(source, targets[source]) for source in readable]
    images = (read_pixels(source, taken) for source, _ in jobs)
    translated = _translated(model, frame, images, len(jobs), arguments, unit="image")
    for (_, target), image in zip(jobs, translated, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        image_files.write(target, image)


def _translate_video(source, target, arguments):
    if target.suffix.lower() not in video.CODECS:
        raise ValueError(
            f"`--output` must end with one of {', '.join(video.CODECS)} for a video. "
            f"Received: {target}"
        )
    _check_targets([(source, target)], arguments.overwrite)
    film = video.Video(source)
    model, frame = _generator(arguments)
    taken, given = model.input_shape[-1], model.output_shape[-1]
    check_convertible(3, taken)
    check_convertible(given, 3)
    shown = (with_channels(image, taken) for image in film.frames())
    translated = _translated(
        model, frame, shown, film.frame_count, arguments, unit="frame"
    )
    frames = (with_channels(image, 3) for image in translated)
    target.parent.mkdir(parents=True, exist_ok=True)
    video.write(target, frames, film.frame_rate)


def _translated(
    model: Any,
    frame: Frame | None,
    images: Iterable[np.ndarray],
    count: int | None,
    arguments: argparse.Namespace,
    unit: str,
) -> Iterator[np.ndarray]:
    """Translated images, one after the other, of the depth that they had."""
    multiple = arguments.multiple or max(_LEAST_MULTIPLE, find_multiple(model))
    tiled = _tiled_network(model, frame, arguments.tile)
    with tqdm(total=count, desc="Translating", unit=unit) as progress:
        for batch in batches_of_one_size(images, arguments.batch_size):
            if tiled is not None and _is_tiled(tiled, batch, arguments.tile):
                yield from _in_tiles(tiled, batch, multiple, arguments.tile)
            else:
                yield from _whole(model, frame, batch, multiple)
            progress.update(len(batch))


def _whole(model, frame, batch, multiple):
    """The translations of images of one size, each computed at once."""
    shown = levels(batch)
    if frame is not None:
        shown = np.stack([frame.show(image) for image in shown])
    translated = translate_any_size(
        model,
        from_pixels(shown).astype("float32"),
        multiple=multiple,
        batch_size=len(batch),
    )
    is_deep = batch.dtype != np.uint8
    for image in to_pixels(translated) if is_deep else to_uint8(translated):
        if frame is not None:
            image = frame.restore(image, batch.shape[1:3])
        yield from_levels(image, batch.dtype)


def _tiled_network(model, frame, tile):
    """The model for images in tiles, `None` if none of them will be."""
    if tile == 0:
        return None
    if frame is not None:
        # Framed images are as large as those of the training, and no larger.
        if tile is not None:
            raise ValueError(
                "`--tile` is for images at their own size, those of --framing=none. "
                f"Received: {tile} with {frame.framing}"
            )
        return None
    try:
        return TiledNetwork(model)
    except UntiledLayerError as error:
        if tile is None:
            return None
        message = str(error).replace("`model`", "`--model`")
        raise ValueError(f"`--tile`: {message}") from error


def _is_tiled(tiled, batch, tile):
    return tile is not None or tiled.largest_bytes(*batch.shape[1:3]) > _LARGEST_BYTES


def _in_tiles(tiled, batch, multiple, tile):
    for image in batch:
        (translated,) = through_multiples(
            lambda padded: tiled.translate(padded[0], tile)[None],
            image[None],
            multiple,
        )
        yield translated


def _generator(arguments):
    path, multiple = arguments.model, arguments.multiple
    model = load_generator(path, "--model")
    if multiple is not None and not fits_multiple(model, multiple):
        raise ValueError(
            f"`--multiple` must be such that {path} gives images as large as it takes, "
            f"as {find_multiple(model)} is. Received: {multiple}"
        )
    return model, _frame(arguments)


def _frame(arguments):
    """What images are fitted into, `None` where they stay as they are."""
    record = read_picture_record(arguments.model)
    framing = arguments.framing
    if framing is None and record is not None and record.framing != "squash":
        framing = record.framing
    if framing in (None, "none"):
        return None
    if record is None:
        raise ValueError(
            "`--framing` must be none for a model whose file does not say what size of "
            f"images it was trained on. Received: {framing} for {arguments.model}"
        )
    return Frame(record.image_size, framing)


def _check_targets(jobs, overwrite):
    """Finds out before the work what would destroy a file."""
    owners: dict[pathlib.Path, pathlib.Path] = {}
    for source, target in jobs:
        if source.resolve() == target.resolve():
            raise ValueError(
                f"`--output` must not be the input itself. Received: {target}"
            )
        if target in owners:
            raise ValueError(
                f"`--input` has two images that would become {target}: "
                f"{owners[target].name} and {source.name}"
            )
        owners[target] = source
    for folder in {target.parent for target in owners}:
        check_output_folder("--output", folder)
    for target in owners:
        if target.is_dir():
            raise ValueError(f"`--output` must not be a folder. Received: {target}")
    existing = [target for target in owners if target.exists()]
    if existing and not overwrite:
        raise ValueError(
            f"`--output` has {len(existing)} of the files already, the first is "
            f"{existing[0]}; pass --overwrite to replace them"
        )


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", required=True, help="A generator, a .keras file.")
    parser.add_argument("--input", required=True, help="Image, folder or video.")
    parser.add_argument("--output", required=True, help="What to write, likewise.")
    parser.add_argument(
        "--format",
        choices=image_files.FORMATS,
        default="png",
        help="Of images that go to a folder (default: png).",
    )
    parser.add_argument(
        "--batch_size",
        type=int,
        default=1,
        help="Images of one size that are translated together.",
    )
    parser.add_argument(
        "--multiple",
        type=int,
        help="Height and width are padded to multiples of this. Default: what the "
        "generator divides, 4 at least; a larger one means fewer sizes to compile for.",
    )
    parser.add_argument(
        "--framing",
        choices=("none", *FRAMINGS),
        help="How images are shown to the generator: see above. Default: as it was "
        "trained, but none where that was squash.",
    )
    parser.add_argument(
        "--tile",
        type=int,
        help="Rows of an image that are computed at a time, 0: all. The result is the "
        "same to a grey level. Default: all of an image unless that takes gigabytes.",
    )
    parser.add_argument(
        "--on_corrupt",
        choices=("refuse", "skip"),
        default="refuse",
        help="Whether a corrupt image stops the tool or is left out.",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="Replace files that are there."
    )
    return parser
