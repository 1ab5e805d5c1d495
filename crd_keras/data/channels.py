"""Data with another number of channels than they were read with."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from crd_keras.data.loader import Loader, array_loader, loader_name
from crd_keras.data.sample.source import SampleSource
from crd_keras.data.source import Images, ImageSource, as_is
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.channels import check_convertible, with_channels

Source = TypeVar("Source", bound=ImageSource)


def source_with_channels(source: Source, channels: tuple[int, int]) -> Source:
    """The same data in grey or in colour.

    Args:
        source: The data.
        channels: How many channels the images of A and of B shall have: 1 or 3, or as
            many as they have.

    Raises:
        ValueError: If images have another number of channels than that, 1 or 3.
    """
    by_domain = dict(zip("AB", channels, strict=True))
    changes: dict[str, Any] = {
        "splits": {
            name: images_with_channels(images, by_domain[name[-1]])
            for name, images in source.splits.items()
        }
    }
    if source.taught is not None:
        changes["taught"] = images_with_channels(source.taught, channels[1])
    if isinstance(source, SampleSource):
        # The right translation of a test image is of the other domain.
        other = {"testA": channels[1], "testB": channels[0]}
        changes["ground_truth"] = {
            name: with_channels(pixels, other[name])
            for name, pixels in source.ground_truth.items()
        }
    return dataclasses.replace(source, **changes)


def images_with_channels(images: Images, channels: int) -> Images:
    """The same for the images of one split."""
    check_convertible(images.channels, channels)
    if images.channels == channels:
        return images
    if images.load is as_is:
        return Images(with_channels(images.records, channels))
    return Images(images.records, _loader(images.load, channels))


# Splits are joined whose loaders are one.
_LOADERS: dict[tuple[Callable, int], Loader] = {}


def _loader(load, channels):
    if (load, channels) not in _LOADERS:
        array = array_loader(load)
        _LOADERS[load, channels] = Loader(
            f"{loader_name(load)} as {channels} channel(s)",
            lambda record: _tensor_with_channels(load(record), channels),
            lambda record: with_channels(array(record), channels),
            channels,
        )
    return _LOADERS[load, channels]


def _tensor_with_channels(image, channels):
    tf = import_tensorflow()
    if channels == 3:
        return tf.repeat(image, 3, axis=-1)
    image = tf.numpy_function(
        lambda pixels: with_channels(pixels, channels),
        [image],
        tf.uint8,
        stateful=False,
    )
    return tf.ensure_shape(image, (None, None, channels))
