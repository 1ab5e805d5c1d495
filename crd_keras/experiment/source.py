"""The images of an experiment, from its settings."""

from collections.abc import Callable
from typing import Any

from crd_keras import data
from crd_keras.experiment.settings import Settings


def is_paired(settings: Settings) -> bool:
    """Whether the training images are pairs."""
    return settings.gan == "pix2pix"


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
    if settings.data_dir is not None:
        source = from_folder(settings.data_dir, settings.on_corrupt)
    elif settings.dataset == "sample":
        source = from_sample(image_size=settings.image_size)
    elif settings.dataset == "flat2fluent":
        source = from_emoji()
    else:
        source = from_tfds(settings.dataset)
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
