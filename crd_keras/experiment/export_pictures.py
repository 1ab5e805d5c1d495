"""Images to measure an export on, and those that full int8 is calibrated on."""

import pathlib
from typing import NamedTuple

import numpy as np

from crd_keras import data
from crd_keras.experiment.run_record import run_settings
from crd_keras.utils.image_size import ImageSize, image_sides


class Pictures(NamedTuple):
    """Images for an export, `(count, height, width, channels)` in [-1, 1].

    Attributes:
        compared: Those on which the file is compared with Keras.
        representative: Those on which ranges are measured.
        label: In words, what they are.
    """

    compared: np.ndarray
    representative: np.ndarray
    label: str


def sample_pictures(
    run: pathlib.Path, size: ImageSize, count: int, calibration: int, channels: int = 3
) -> Pictures:
    """Pictures of the built-in sample, as a run had them.

    Args:
        run: Folder of a run, or of a model that is by itself: then unpaired pictures.
        size: Height and width.
        count: How many to compare.
        calibration: How many to measure ranges on.
        channels: How many channels they have.

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
    source = data.source_with_channels(source, (channels, channels))
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
    folder: str,
    representative: str | None,
    size: ImageSize,
    count: int,
    calibration: int,
    framing: str = "squash",
    channels: int = 3,
) -> Pictures:
    """Pictures of folders, all of one size.

    Args:
        folder: Images to compare.
        representative: Images to measure ranges on. `None`: those of `folder` that are
            not compared, or all if these are fewer.
        size: Height and width.
        count: How many to compare.
        calibration: How many to measure ranges on.
        framing: As of `crd_keras.data.evaluation_images`.
        channels: How many channels they have.

    Raises:
        ValueError: If a folder has no images, or corrupt ones.
    """
    limit = count if representative else count + calibration

    def made(source, limit):
        return data.evaluation_images(source, size, limit, framing=framing)

    images = made(_folder("images", folder, channels), limit)
    compared, others = images[:count], images[count:]
    if representative:
        source = _folder("representative_images", representative, channels)
        others = made(source, calibration)
    elif len(others) < len(compared):
        others = images
    height, width = image_sides(size)
    return Pictures(
        compared,
        others,
        f"{len(compared)} images of {folder}, resized to {height}x{width}; ranges from "
        f"{len(others)} of {representative or folder}",
    )


def _folder(argument, folder, channels):
    try:
        return data.folder_images(folder, channels=channels)
    except ValueError as error:
        raise ValueError(f"`--{argument}`: {error}") from error
