"""The two training pipelines beside plain Pillow.

Images of two domains are read, resized to 286/256 of their size, cropped at random,
flipped and brought to [-1, 1]: by `data.unpaired_dataset`, with tf.data and without
TensorFlow in one thread ("python"), whose first pass reads files and whose later passes
find resized images in memory; and by Pillow and NumPy, one image after the other in one
process, as the published program does. No network is trained.

Each is measured in a process of its own; a time is that of a pass through all training
images of both domains. Times count only if others used next to none of the cores
meanwhile (last column).
"""

import argparse
import pathlib
import statistics
import tempfile
from typing import Any

from benchmarks import plain_pillow

from crd_keras.data.sample.source import sample_source
from crd_keras.data.source import SPLITS
from crd_keras.utils.measurement import (
    PeakMemory,
    in_fresh_process,
    memory_text,
    others_text,
    seconds_of,
)
from crd_keras.utils.text_table import text_table

OURS = {
    "tf": ("first_pass", "later_passes"),
    "python": ("python_first_pass", "python_later_passes"),
}
PLAIN = "plain_pillow"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data_dir",
        help="Folder with trainA, trainB, testA and testB. By default one with drawn "
        "pictures, JPEGs and PNGs, is made and removed.",
    )
    parser.add_argument(
        "--images", type=int, default=200, help="Drawn pictures of each domain."
    )
    parser.add_argument("--image_size", type=int, default=256, help="In pixels.")
    parser.add_argument("--repeats", type=int, default=5, help="Later passes.")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.image_size % 4:
        raise ValueError(
            f"`--image_size` must be divisible by 4. Received: {arguments.image_size}"
        )
    if arguments.data_dir and not pathlib.Path(arguments.data_dir).is_dir():
        raise ValueError(
            f"`--data_dir` must be a folder. Received: {arguments.data_dir}"
        )
    with tempfile.TemporaryDirectory() as folder:
        data_dir = arguments.data_dir
        if data_dir is None:
            data_dir = folder
            _draw(pathlib.Path(folder), arguments.images, arguments.image_size)
        settings = data_dir, arguments.image_size, arguments.repeats
        results = {}
        for pipeline, names in OURS.items():
            passes = in_fresh_process(_measure_ours, pipeline, *settings)
            results |= dict(zip(names, passes, strict=True))
        results[PLAIN] = in_fresh_process(_measure_plain, *settings)
    plain = results[PLAIN]["images_per_second"]
    for name, measured in results.items():
        if name != PLAIN:
            measured["speedup"] = measured["images_per_second"] / plain
    return results


def table(results: dict[str, Any]) -> str:
    headings = "images/s, median (least to most)", "times plain's", "peak memory"
    rows = [("pipeline", *headings, "others' cores")]
    for name, measured in results.items():
        speeds = [measured["images"] / seconds for seconds in measured["seconds"]]
        median = measured["images_per_second"]
        rows.append(
            (
                name,
                f"{median:.0f} ({min(speeds):.0f} to {max(speeds):.0f})",
                f"{measured.get('speedup', 1):.1f}",
                memory_text(measured["peak_extra_bytes"]),
                others_text(measured["cores_used_by_others"]),
            )
        )
    return text_table(rows)


def _measure_ours(pipeline, data_dir, image_size, repeats):
    """Of the first pass and of later ones. Runs in a process of its own."""
    from crd_keras.data import folder_source, unpaired_dataset

    source = folder_source(data_dir)
    # What TensorFlow sets up once is set up on the built-in sample.
    sample = sample_source(16, train=2, test=1)
    for _ in unpaired_dataset(sample, 16, pipeline=pipeline):
        pass
    with PeakMemory() as memory:
        dataset = unpaired_dataset(source, image_size, pipeline=pipeline)

        def run_once():
            for _ in dataset:
                pass

        images = 2 * len(dataset)
        first = seconds_of(run_once, 1)
        later = seconds_of(run_once, repeats)
    return _result(images, *first, memory), _result(images, *later, memory)


def _measure_plain(data_dir, image_size, repeats):
    """Runs in a process of its own."""
    paths = [
        path
        for split in ("trainA", "trainB")
        for path in sorted((pathlib.Path(data_dir) / split).iterdir())
    ]
    with PeakMemory() as memory:

        def run_once():
            for path in paths:
                plain_pillow.augmented(path, image_size)

        measured = seconds_of(run_once, repeats)
    return _result(len(paths), *measured, memory)


def _result(images, seconds, others, memory):
    return {
        "images": images,
        "seconds": seconds,
        "images_per_second": images / statistics.median(seconds),
        "peak_extra_bytes": memory.extra_bytes,
        "cores_used_by_others": others,
    }


def _draw(folder, images, image_size):
    """Writes drawn pictures, half of each domain as JPEGs and half as PNGs."""
    from PIL import Image

    source = sample_source(image_size, train=images, test=1)
    for split in SPLITS:
        (folder / split).mkdir()
        for index, picture in enumerate(source.splits[split].records):
            name = f"{index}.{'jpg' if index % 2 else 'png'}"
            Image.fromarray(picture).save(folder / split / name)
