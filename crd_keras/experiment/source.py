"""The images of an experiment, from its settings."""

from collections.abc import Callable
from typing import Any

import numpy as np

from crd_keras import data
from crd_keras.experiment.settings import Settings
from crd_keras.models.picture_record import PictureRecord
from crd_keras.utils.channels import parse_channels
from crd_keras.utils.image_size import image_sides


def is_paired(settings: Settings) -> bool:
    """Whether the training images are pairs."""
    return settings.gan == "pix2pix"


def picture_record(settings: Settings) -> PictureRecord:
    """How the generators are shown pictures."""
    return PictureRecord(
        image_sides(settings.image_size),
        settings.framing,
        parse_channels(settings.channels),
    )


def evaluation_batches(images: data.Images, settings: Settings) -> Any:
    """Batches of images to evaluate on. See `crd_keras.data.evaluation_batches`."""
    size, framing = settings.image_size, settings.framing
    return data.evaluation_batches(images, size, framing=framing)


def evaluation_images(
    images: data.Images, settings: Settings, limit: int | None = None
) -> np.ndarray:
    """The same in one array. See `crd_keras.data.evaluation_images`."""
    size, framing = settings.image_size, settings.framing
    return data.evaluation_images(images, size, limit, framing=framing)


def make_source(settings: Settings) -> Any:
    """The training and test images, in the direction of the translation.

    Returns:
        An `ImageSource`, for images in pairs a `PairedSource`.

    Raises:
        ImportError: If a package that the data set needs is missing.
        OSError: If the data cannot be had.
        ValueError: If they are not what they should be.
    """
    if is_paired(settings):
        loaders: tuple[Callable, ...] = (
            data.paired_folder_source,
            data.paired_sample_source,
            data.paired_flat2fluent_source,
            data.tfds_paired_source,
        )
    else:
        loaders = (
            data.folder_source,
            data.sample_source,
            data.flat2fluent_source,
            data.tfds_source,
        )
    from_folder, from_sample, from_emoji, from_tfds = loaders
    channels = parse_channels(settings.channels)
    if settings.direction == "BtoA":
        channels = channels[::-1]
    if settings.data_dir is not None:
        source = from_folder(settings.data_dir, settings.on_corrupt, channels)
    else:
        if settings.dataset == "sample":
            source = from_sample(image_size=settings.image_size)
        elif settings.dataset == "flat2fluent":
            source = from_emoji()
        elif settings.dataset == "edges2fluent":
            if not is_paired(settings):
                raise ValueError(
                    "`--dataset=edges2fluent` needs `--gan=pix2pix`, since its images "
                    f"are pairs. Received: --gan={settings.gan}"
                )
            source = data.edges2fluent_source(settings.image_size)
        else:
            source = from_tfds(settings.dataset)
        try:
            source = data.source_with_channels(source, channels)
        except ValueError as error:
            raise ValueError(
                "`--channels` must be 1 or 3 for these data, which are in colour. "
                f"Received: {settings.channels}"
            ) from error
    if settings.direction == "BtoA":
        source = source.reversed()
    if settings.validation_images:
        try:
            source = data.held_out_source(source, settings.validation_images)
        except ValueError as error:
            raise ValueError(
                str(error).replace("`count`", "`--validation_images`")
            ) from error
    if settings.taught is not None:
        source = data.taught_source(source, settings.taught)
    return source
