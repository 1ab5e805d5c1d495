"""Images to measure an export on, and those that full int8 is calibrated on."""

import pathlib
from typing import NamedTuple

import numpy as np

from crd_keras import data
from crd_keras.experiment.run_record import run_settings


class Pictures(NamedTuple):
    """Images for an export, `(count, height, width, 3)` in [-1, 1].

    Attributes:
        compared: Those on which the file is compared with Keras.
        representative: Those on which ranges are measured.
        label: In words, what they are.
    """

    compared: np.ndarray
    representative: np.ndarray
    label: str


def sample_pictures(
    run: pathlib.Path, size: int, count: int, calibration: int
) -> Pictures:
    """Pictures of the built-in sample, as a run had them.

    Args:
        run: Folder of a run, or of a model that is by itself: then unpaired pictures.
        size: Height and width.
        count: How many to compare.
        calibration: How many to measure ranges on.

    Raises:
        ValueError: If the run had other data.
    """
    settings = run_settings(run)
    if settings.get("data_dir") or settings.get("dataset", "sample") != "sample":
        raise ValueError(
            "`--images` must be given: the run's data are not the built-in sample. "
            f"Received: {run}"
        )
    is_paired = settings.get("gan") == "pix2pix"
    make = data.paired_sample_source if is_paired else data.sample_source
    source = make(image_size=size, train=calibration, test=count)
    if settings.get("direction") == "BtoA":
        source = source.reversed()
    compared, representative = (
        data.evaluation_images(source.split(split), size)
        for split in ("testA", "trainA")
    )
    label = f"{len(compared)} test images of the {source.label}"
    return Pictures(
        compared, representative, f"{label}; ranges from {len(representative)} others"
    )


def folder_pictures(
    folder: str, representative: str | None, size: int, count: int, calibration: int
) -> Pictures:
    """Pictures of folders, resized to a square.

    Args:
        folder: Images to compare.
        representative: Images to measure ranges on. `None`: those of `folder` that are
            not compared, or all if these are fewer.
        size: Height and width.
        count: How many to compare.
        calibration: How many to measure ranges on.

    Raises:
        ValueError: If a folder has no images, or corrupt ones.
    """
    limit = count if representative else count + calibration
    images = data.evaluation_images(_folder("images", folder), size, limit)
    compared, others = images[:count], images[count:]
    if representative:
        source = _folder("representative_images", representative)
        others = data.evaluation_images(source, size, calibration)
    elif len(others) < len(compared):
        others = images
    return Pictures(
        compared,
        others,
        f"{len(compared)} images of {folder}, resized to {size}x{size}; ranges from "
        f"{len(others)} of {representative or folder}",
    )


def _folder(argument, folder):
    try:
        return data.folder_images(folder)
    except ValueError as error:
        raise ValueError(f"`--{argument}`: {error}") from error
