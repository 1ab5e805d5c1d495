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
    if on_corrupt not in ("refuse", "skip"):
        raise ValueError(
            f'`on_corrupt` must be "refuse" or "skip". Received: {on_corrupt!r}'
        )
    data_dir = pathlib.Path(data_dir)
    for split in SPLITS:
        if not (data_dir / split).is_dir():
            raise ValueError(
                f"`data_dir` must be a folder with {', '.join(SPLITS)} in it; there is "
                f"no folder {data_dir / split}. Received: {str(data_dir)!r}"
            )
    paths = {split: _image_paths(data_dir / split) for split in SPLITS}
    for split in SPLITS:
        _refuse_empty(paths[split], data_dir, split)

    corrupt = _corrupt_images([path for split in SPLITS for path in paths[split]])
    if corrupt and on_corrupt == "refuse":
        path, reason = next(iter(corrupt.items()))
        raise ValueError(
            f"`data_dir` has {len(corrupt)} corrupt image(s), the first is {path} "
            f'({reason}); remove it or set `on_corrupt="skip"`. '
            f"Received: {str(data_dir)!r}"
        )
    for path, reason in corrupt.items():
        warnings.warn(f"Skipping the corrupt image {path} ({reason}).", stacklevel=2)
    sound = {
        split: [path for path in paths[split] if path not in corrupt]
        for split in SPLITS
    }
    for split in SPLITS:
        _refuse_empty(sound[split], data_dir, split)

    skipped = f", {len(corrupt)} corrupt image(s) skipped" if corrupt else ""
    return UnpairedSource(
        label=f"folder {data_dir}{skipped}",
        splits={
            split: Images(np.array([str(path) for path in sound[split]]), read_rgb)
            for split in SPLITS
        },
    )


def _image_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in EXTENSIONS and path.is_file()
    )


def _refuse_empty(paths: list[pathlib.Path], data_dir: pathlib.Path, split: str):
    if not paths:
        raise ValueError(
            f"`data_dir` needs images ({', '.join(EXTENSIONS)}) in each of its "
            f"folders; there is none that can be read in {data_dir / split}. "
            f"Received: {str(data_dir)!r}"
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
