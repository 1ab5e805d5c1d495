"""Images in folders."""

import os
import pathlib

from crd_keras.data.image_files import (
    check_on_corrupt,
    path_images,
    sound_images,
)
from crd_keras.data.source import SPLITS, Images
from crd_keras.data.unpaired_source import UnpairedSource


def folder_source(
    data_dir: str | os.PathLike,
    on_corrupt: str = "refuse",
    channels: tuple[int, int] = (3, 3),
) -> UnpairedSource:
    """Takes the images of a folder with trainA, trainB, testA and testB in it.

    Each file is decoded once at the start, so that a corrupt image shows up before the
    training and not hours into it. Files that are no images by their extension (jpg,
    jpeg, png, bmp, webp, tif, tiff, npy in any case) are left out, and so are
    subfolders. `crd_keras.data.pixels` says what becomes of each: upright, transparent
    pixels on white, 16 bits as 8.

    Args:
        data_dir: The folder that holds the four folders.
        on_corrupt: What happens with a corrupt or truncated image, one of more than 178
            million pixels, or one whose name is not UTF-8: "refuse" raises an error,
            "skip" leaves it out with a warning. Both name the file.
        channels: How many channels the images of A and of B shall have. 3: grey
            pictures become colour. 1: colour pictures become grey. Another number: as
            many as all pictures have.

    Returns:
        The source. Its records are paths, in the order of their names.

    Raises:
        ValueError: If a folder is missing or has no images, an image is corrupt and
            not to be skipped, or `on_corrupt` is neither of the two.
    """
    check_on_corrupt(on_corrupt)
    data_dir = pathlib.Path(data_dir)
    for split in SPLITS:
        if not (data_dir / split).is_dir():
            raise ValueError(
                f"`data_dir` must be a folder with {', '.join(SPLITS)} in it; there is "
                f"no folder {data_dir / split}. Received: {str(data_dir)!r}"
            )
    counts = [channels["AB".index(split[-1])] for split in SPLITS]
    sound = sound_images(
        [data_dir / split for split in SPLITS],
        "data_dir",
        data_dir,
        on_corrupt,
        counts,
    )
    return UnpairedSource(
        label=f"folder {data_dir}{sound.skipped}",
        splits={
            split: path_images(paths, count, sound.are_plain)
            for split, paths, count in zip(SPLITS, sound.paths, counts, strict=True)
        },
        directory=data_dir,
    )


def folder_images(
    folder: str | os.PathLike, on_corrupt: str = "refuse", channels: int = 3
) -> Images:
    """Takes the images of one folder, as `folder_source` takes those of four.

    Args:
        folder: The folder.
        on_corrupt: What happens with a corrupt or truncated image: "refuse" raises an
            error, "skip" leaves it out with a warning.
        channels: How many channels the images shall have. See `folder_source`.

    Returns:
        The images. Its records are paths, in the order of their names.

    Raises:
        ValueError: If there is no such folder or it has no images, an image is corrupt
            and not to be skipped, or `on_corrupt` is neither of the two.
    """
    check_on_corrupt(on_corrupt)
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise ValueError(f"`folder` must be a folder. Received: {str(folder)!r}")
    sound = sound_images([folder], "folder", folder, on_corrupt, [channels])
    (paths,) = sound.paths
    return path_images(paths, channels, sound.are_plain)
