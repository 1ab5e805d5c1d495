"""Reference images for metrics, and FID's statistics kept beside the data."""

import hashlib
import logging
import pathlib
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from crd_keras.data import Images, evaluation_batches
from crd_keras.metrics import (
    FrechetInceptionDistance,
    ImageMetric,
    ImageSetMetric,
)
from crd_keras.metrics.fingerprint import fingerprint
from crd_keras.utils.image_size import ImageSize


def give_reference(
    metrics: Sequence[ImageMetric],
    images: Images,
    image_size: ImageSize | None,
    directory: pathlib.Path | None = None,
    framing: str = "squash",
) -> None:
    """Shows the reference images to all metrics that compare sets of images, at once.

    Args:
        metrics: The metrics. Those of pairs have no use for a reference set.
        images: The reference images.
        image_size: Height and width that they are resized to; `None`: they are not.
        directory: Where to keep FID's statistics for the next time, in pytorch-fid's
            format, and to take them from if images, size and features are the same:
            a folder such as that of the data. A folder that cannot be written to is no
            error. `None`: they are not kept.
        framing: As of `crd_keras.data.evaluation_batches`.

    Raises:
        ValueError: If the images are not what the metrics need.
    """
    lacking = [
        metric
        for metric in metrics
        if isinstance(metric, ImageSetMetric) and not metric.has_reference
    ]
    new_files = {}
    for metric in list(lacking):
        if directory is not None and isinstance(metric, FrechetInceptionDistance):
            size = image_size if framing == "squash" else (image_size, framing)
            path = _statistics_path(metric, images, size, directory)
            if path.exists() and _load(metric, path):
                lacking.remove(metric)
            else:
                new_files[path] = metric
    if not lacking:
        return
    batches = evaluation_batches(images, image_size, framing=framing)
    progress = tqdm(
        map(np.asarray, batches),
        desc="Reference images",
        total=len(batches),
        unit="batch",
        delay=2,  # seconds without a progress bar
        leave=False,
        disable=None,  # where the output is no terminal
    )
    for batch in progress:
        for metric in lacking:
            metric.update_reference(batch)
    for path, metric in new_files.items():
        try:
            metric.save_reference(path)
        except OSError as error:
            logging.warning("FID's statistics are not kept: %s", error)


def _load(metric, path):
    try:
        metric.load_reference(path)
    except ValueError as error:
        # Such as what a full disk or another program left under this name.
        logging.warning("FID's statistics are made anew: %s", error)
        return False
    return True


def _statistics_path(metric, images, image_size, directory):
    what = f"{fingerprint(images)} {image_size} {metric.features.label}"
    digest = hashlib.sha256(what.encode()).hexdigest()[:16]
    return pathlib.Path(directory) / f"fid-{digest}.npz"
