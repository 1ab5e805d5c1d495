"""Edges of the emoji in 3-D, and the emoji themselves, in pairs."""

import dataclasses
import os

from crd_keras.data.edges import edges_source
from crd_keras.data.flat2fluent.pictures import prepared_folder
from crd_keras.data.paired_source import PairedSource
from crd_keras.utils.image_size import ImageSize


def edges2fluent_source(
    image_size: ImageSize = 256, cache_dir: str | os.PathLike | None = None
) -> PairedSource:
    """Takes emoji rendered in 3-D as domain B, and their edges as domain A.

    It is to `flat2fluent_source`, whose images, split and licences it has, what
    edges2shoes is to photographs of shoes.

    Args:
        image_size: Height and width of the edge pictures in pixels, as for
            `edges_source`, which draws them.
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Returns:
        The source, in the order of the pictures' names.

    Raises:
        ConnectionError, DiskFullError, FileNotFoundError, ImportError, ValueError: As
            `flat2fluent_source` and `edges_source`.
    """
    folder = prepared_folder(cache_dir)
    source = edges_source(folder / "trainB", folder / "testB", image_size)
    label = "edges2fluent: edges of emoji in 3-D (Fluent Emoji), in pairs"
    return dataclasses.replace(source, label=label)
