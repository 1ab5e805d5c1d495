"""Image files in folders: which there are, and which cannot be read."""

import os
import pathlib
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from tqdm import tqdm

from crd_keras.data.decoding import read_rgb
from crd_keras.data.pipeline_choice import choose_pipeline
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.pictures import load_picture, open_picture

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp")

# Pillow's names of what TensorFlow decodes.
_DECODED = ("JPEG", "MPO", "PNG", "BMP", "GIF")


def check_on_corrupt(on_corrupt: str) -> None:
    """Raises a ValueError unless `sound_images` knows what to do."""
    if on_corrupt not in ("refuse", "skip"):
        raise ValueError(
            f'`on_corrupt` must be "refuse" or "skip". Received: {on_corrupt!r}'
        )


def image_paths(folder: pathlib.Path) -> list[pathlib.Path]:
    """The images of a folder by their extension, in the order of their names."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in EXTENSIONS and path.is_file()
    )


def path_images(paths: list[pathlib.Path]) -> Images:
    """Images whose records are the paths of files."""
    return Images(np.array([str(path) for path in paths]), read_rgb)


def sound_images(
    folders: list[pathlib.Path],
    argument: str,
    received: pathlib.Path,
    on_corrupt: str,
) -> tuple[list[list[pathlib.Path]], str]:
    """The images of each folder that can be read.

    Each file is decoded once: by TensorFlow where it is installed, else by Pillow.

    Args:
        folders: The folders, which exist.
        argument: Name of the argument that the folders come from, for errors.
        received: Its value.
        on_corrupt: "refuse" or "skip" corrupt images, those of more than
            `crd_keras.utils.pictures.MAX_PIXELS` and those whose names are not UTF-8.

    Returns:
        The paths of each folder, in the order of their names, and what a label should
        say of the others.

    Raises:
        ValueError: If a folder has no image that can be read, or an image is corrupt
            and not to be skipped.
    """

    def refuse_empty(paths_of_folders):
        for folder, paths in zip(folders, paths_of_folders, strict=True):
            if not paths:
                raise ValueError(
                    f"`{argument}` needs images ({', '.join(EXTENSIONS)}); there is "
                    f"none that can be read in {folder}. Received: {str(received)!r}"
                )

    all_paths = [image_paths(folder) for folder in folders]
    refuse_empty(all_paths)
    corrupt = corrupt_images([path for paths in all_paths for path in paths])
    if corrupt and on_corrupt == "refuse":
        path, reason = next(iter(corrupt.items()))
        raise ValueError(
            f"`{argument}` has {len(corrupt)} corrupt image(s), the first is "
            f'{_printable(path)} ({reason}); remove it or set `on_corrupt="skip"`. '
            f"Received: {str(received)!r}"
        )
    for path, reason in corrupt.items():
        warnings.warn(
            f"Skipping the corrupt image {_printable(path)} ({reason}).", stacklevel=3
        )
    sound = [[path for path in paths if path not in corrupt] for paths in all_paths]
    refuse_empty(sound)
    return sound, f", {len(corrupt)} corrupt image(s) skipped" if corrupt else ""


def corrupt_images(paths: list[pathlib.Path]) -> dict[pathlib.Path, str]:
    """The images that cannot be decoded, and why, in the order of `paths`."""
    if choose_pipeline(None) == "tf":
        import_tensorflow()  # before the clock of the progress line starts
    reasons = map_with_progress(_defect, paths, "Checking images")
    return {path: reason for path, reason in zip(paths, reasons) if reason}


def map_with_progress(
    function: Callable[[Any], Any], paths: Sequence[Any] | np.ndarray, description: str
) -> list:
    """What a function gives for each path, computed by several threads.

    A progress line shows if it takes long.

    Args:
        function: Takes a path.
        paths: The paths.
        description: What the progress line says.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(
            tqdm(
                threads.map(function, paths),
                desc=description,
                total=len(paths),
                delay=2,  # seconds without a progress line
                leave=False,
            )
        )


def _defect(path: pathlib.Path) -> str | None:
    """Says in words why the training could not read an image, None if it can."""
    try:
        # TensorFlow's strings, which the training has the paths in, are UTF-8.
        str(path).encode()
        # Before anything is decoded: TensorFlow has no limit of pixels.
        with open_picture(path) as picture:
            format, mode = picture.format, picture.mode
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    except ValueError as error:
        return str(error)
    if format not in _DECODED:
        return f"a {format}, not a JPEG, PNG, BMP or GIF"
    # TensorFlow would take the numbers of a palette for grey levels.
    if (format, mode) == ("BMP", "P"):
        return "a BMP with a palette of colours is not supported"
    if choose_pipeline(None) == "tf" and _tensorflow_decodes(path):
        return None
    try:
        load_picture(path)
    except ValueError as error:
        return str(error)
    if choose_pipeline(None) == "python":
        return None
    return f"damaged, or a kind of {format} that TensorFlow does not decode"


def _tensorflow_decodes(path):
    tf = import_tensorflow()
    try:
        read_rgb(str(path))
    except tf.errors.OpError:
        return False
    return True


def _printable(path):
    return os.fsencode(path).decode(errors="backslashreplace")
