"""Images in folders."""

import os
import pathlib
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from crd_keras.data.decoding import read_rgb
from crd_keras.data.source import SPLITS, Images, UnpairedSource
from crd_keras.data.tensorflow_import import import_tensorflow

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp")


def folder_source(
    data_dir: str | os.PathLike, on_corrupt: str = "refuse"
) -> UnpairedSource:
    """Takes the images of a folder with trainA, trainB, testA and testB in it.

    Each file is decoded once at the start, so that a corrupt image shows up before the
    training and not hours into it. Files that are no images by their extension (jpg,
    jpeg, png, bmp in any case) are left out, and so are subfolders.

    Args:
        data_dir: The folder that holds the four folders.
        on_corrupt: What happens with a corrupt or truncated image: "refuse" raises an
            error, "skip" leaves it out with a warning. Both name the file.

    Returns:
        The source. Its records are paths, in the order of their names.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If a folder is missing or has no images, an image is corrupt and
            not to be skipped, or `on_corrupt` is neither of the two.
    """
    _check_on_corrupt(on_corrupt)
    data_dir = pathlib.Path(data_dir)
    for split in SPLITS:
        if not (data_dir / split).is_dir():
            raise ValueError(
                f"`data_dir` must be a folder with {', '.join(SPLITS)} in it; there is "
                f"no folder {data_dir / split}. Received: {str(data_dir)!r}"
            )
    paths, skipped = _sound_images(
        [data_dir / split for split in SPLITS], "data_dir", data_dir, on_corrupt
    )
    return UnpairedSource(
        label=f"folder {data_dir}{skipped}",
        splits=dict(zip(SPLITS, map(_images, paths), strict=True)),
        directory=data_dir,
    )


def folder_images(folder: str | os.PathLike, on_corrupt: str = "refuse") -> Images:
    """Takes the images of one folder, as `folder_source` takes those of four.

    Args:
        folder: The folder.
        on_corrupt: What happens with a corrupt or truncated image: "refuse" raises an
            error, "skip" leaves it out with a warning.

    Returns:
        The images. Its records are paths, in the order of their names.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If there is no such folder or it has no images, an image is corrupt
            and not to be skipped, or `on_corrupt` is neither of the two.
    """
    _check_on_corrupt(on_corrupt)
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise ValueError(f"`folder` must be a folder. Received: {str(folder)!r}")
    (paths,), _ = _sound_images([folder], "folder", folder, on_corrupt)
    return _images(paths)


def _check_on_corrupt(on_corrupt):
    if on_corrupt not in ("refuse", "skip"):
        raise ValueError(
            f'`on_corrupt` must be "refuse" or "skip". Received: {on_corrupt!r}'
        )


def _images(paths: list[pathlib.Path]) -> Images:
    return Images(np.array([str(path) for path in paths]), read_rgb)


def _sound_images(
    folders: list[pathlib.Path],
    argument: str,
    received: pathlib.Path,
    on_corrupt: str,
) -> tuple[list[list[pathlib.Path]], str]:
    """The images of each folder that can be read, and what to say of the others."""

    def refuse_empty(paths_of_folders):
        for folder, paths in zip(folders, paths_of_folders, strict=True):
            if not paths:
                raise ValueError(
                    f"`{argument}` needs images ({', '.join(EXTENSIONS)}); there is "
                    f"none that can be read in {folder}. Received: {str(received)!r}"
                )

    all_paths = [_image_paths(folder) for folder in folders]
    refuse_empty(all_paths)
    corrupt = _corrupt_images([path for paths in all_paths for path in paths])
    if corrupt and on_corrupt == "refuse":
        path, reason = next(iter(corrupt.items()))
        raise ValueError(
            f"`{argument}` has {len(corrupt)} corrupt image(s), the first is {path} "
            f'({reason}); remove it or set `on_corrupt="skip"`. '
            f"Received: {str(received)!r}"
        )
    for path, reason in corrupt.items():
        warnings.warn(f"Skipping the corrupt image {path} ({reason}).", stacklevel=3)
    sound = [[path for path in paths if path not in corrupt] for paths in all_paths]
    refuse_empty(sound)
    return sound, f", {len(corrupt)} corrupt image(s) skipped" if corrupt else ""


def _image_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in EXTENSIONS and path.is_file()
    )


def _corrupt_images(paths: list[pathlib.Path]) -> dict[pathlib.Path, str]:
    """The images that cannot be decoded, and why, in the order of `paths`."""
    from tqdm import tqdm  # comes with TensorFlow Datasets

    import_tensorflow()  # before the clock of the progress line starts
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        reasons = list(
            tqdm(
                threads.map(_defect, paths),
                desc="Checking images",
                total=len(paths),
                delay=2,  # seconds without a progress line
                leave=False,
            )
        )
    return {path: reason for path, reason in zip(paths, reasons) if reason}


def _defect(path: pathlib.Path) -> str | None:
    """Says in a line why the training could not read an image, None if it can."""
    tf = import_tensorflow()
    try:
        read_rgb(str(path))
    except tf.errors.OpError as error:
        return error.message.splitlines()[0]
    if path.suffix.lower() == ".bmp":
        with Image.open(path) as picture:
            # TensorFlow would take the numbers of a palette for grey levels.
            if picture.mode == "P":
                return "a BMP with a palette of colours is not supported"
    return None
