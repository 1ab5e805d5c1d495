"""flat2fluent as two domains."""

import os
import pathlib

from crd_keras.data.flat2fluent.pictures import prepared_folder
from crd_keras.data.image_files import image_paths, path_images
from crd_keras.data.source import SPLITS, Images
from crd_keras.data.unpaired_source import UnpairedSource

LABEL = "flat2fluent: emoji drawn flat (Twemoji 15) and in 3-D (Fluent Emoji)"


def flat2fluent_source(cache_dir: str | os.PathLike | None = None) -> UnpairedSource:
    """Takes emoji drawn flat (domain A) and rendered in 3-D (domain B).

    1,390 training images of each domain and 217 test images, 256x256, on white. Both
    domains show the same emoji, and a training takes no notice of it: they are drawn in
    another order. So the right translation of each test image is known.

    The pictures are made once and kept in the folder `datasets` of Keras' cache (70 MB,
    with licences and attribution): npm, which comes with Node.js, fetches two packages
    of 17 MB, whose versions and checksums are fixed. Graphics of Twemoji are licensed
    under CC-BY 4.0, Fluent Emoji under the MIT licence.

    An emoji is a test image if the SHA-256 of its code points is divisible by 7; see
    `crd_keras.data.flat2fluent.emoji`. Flags and skin tones are left out.

    Args:
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Returns:
        The source. Its records are paths, in the order of their names.

    Raises:
        ConnectionError: If npm cannot fetch the packages.
        DiskFullError: If there is no space for the pictures.
        FileNotFoundError: If npm is not installed.
        ImportError: If resvg_py is not installed, which draws the flat emoji.
        ValueError: If a package has another checksum.
    """
    folder = prepared_folder(cache_dir)
    return UnpairedSource(
        label=f"{LABEL}, unpaired",
        splits=folder_splits(folder),
        directory=folder,
        test_is_paired=True,
    )


def folder_splits(folder: pathlib.Path) -> dict[str, Images]:
    """The images of a folder that `prepared_folder` has made."""
    return {split: path_images(image_paths(folder / split)) for split in SPLITS}
