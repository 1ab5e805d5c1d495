"""Image files in folders: which there are, and which cannot be read."""

import os
import pathlib
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from crd_keras.data.channels import images_with_channels
from crd_keras.data.decoding import (
    read_left_half,
    read_picture,
    read_rgb,
    read_right_half,
)
from crd_keras.data.pipeline_choice import choose_pipeline
from crd_keras.data.pixels import NPY, TIFF, is_plain, read_pixels
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.pictures import open_picture

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", *TIFF, NPY)

# Pillow's names. Of others it knows nobody has asked for them.
_FORMATS = ("JPEG", "MPO", "PNG", "BMP", "GIF", "WEBP", "TIFF")


class SoundImages(NamedTuple):
    """Images in folders that can be read.

    Attributes:
        paths: Those of each folder, in the order of their names.
        skipped: What a label should say of the others.
        are_plain: Whether TensorFlow's own decoders read all of them as they should be.
    """

    paths: list[list[pathlib.Path]]
    skipped: str
    are_plain: bool


class PictureState(NamedTuple):
    """What was found out about a picture file.

    Attributes:
        reason: Why it cannot be read, `None` if it can.
        is_plain: Whether TensorFlow's own decoders read it as it should be.
    """

    reason: str | None
    is_plain: bool = False


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


def path_images(
    paths: list[pathlib.Path],
    channels: int = 3,
    are_plain: bool = True,
    half: str | None = None,
) -> Images:
    """Images whose records are the paths of files.

    Args:
        paths: The files.
        channels: How many channels the images have.
        are_plain: Whether TensorFlow's own decoders may read them.
        half: "left" or "right" of two pictures side by side. `None`: the whole ones.
    """
    records = np.array([str(path) for path in paths])
    if not are_plain or channels not in (1, 3):
        return Images(records, read_picture(channels, half))
    loaders = {None: read_rgb, "left": read_left_half, "right": read_right_half}
    return images_with_channels(Images(records, loaders[half]), channels)


def are_whole_pictures(images: Images) -> bool:
    """Whether the records are paths of files, each with one picture in it."""
    return any(
        images.load is path_images([], images.channels, are_plain).load
        for are_plain in (True, False)
    )


def sound_images(
    folders: list[pathlib.Path],
    argument: str,
    received: pathlib.Path,
    on_corrupt: str,
    channels: Sequence[int],
) -> SoundImages:
    """The images of each folder that can be read.

    Each file is decoded once: by what will read it in the training.

    Args:
        folders: The folders, which exist.
        argument: Name of the argument that the folders come from, for errors.
        received: Its value.
        on_corrupt: "refuse" or "skip" corrupt images, those of more than
            `crd_keras.utils.pictures.MAX_PIXELS` and those whose names are not UTF-8.
        channels: How many channels the images of each folder shall have.

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
    states = picture_states(all_paths, channels)
    corrupt = {path: x.reason for path, x in states.items() if x.reason is not None}
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
    are_plain = all(states[path].is_plain for paths in sound for path in paths)
    skipped = f", {len(corrupt)} corrupt image(s) skipped" if corrupt else ""
    return SoundImages(sound, skipped, are_plain)


def picture_states(
    all_paths: Sequence[Sequence[pathlib.Path]], channels: Sequence[int]
) -> dict[pathlib.Path, PictureState]:
    """What each picture is like, in the order of the folders and their paths.

    Args:
        all_paths: The files of each folder.
        channels: How many channels the images of each folder shall have.
    """
    if choose_pipeline(None) == "tf":
        import_tensorflow()  # before the clock of the progress line starts
    files = [
        (path, wanted)
        for paths, wanted in zip(all_paths, channels, strict=True)
        for path in paths
    ]
    states = map_with_progress(_state, files, "Checking images")
    return {path: state for (path, _), state in zip(files, states, strict=True)}


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


def _state(file: tuple[pathlib.Path, int]) -> PictureState:
    """Finds out how the training could read an image."""
    path, channels = file
    try:
        # TensorFlow's strings, which the training has the paths in, are UTF-8.
        str(path).encode()
        plain = channels in (1, 3) and _looks_plain(path)
        if plain and choose_pipeline(None) == "tf" and _tensorflow_decodes(path):
            return PictureState(None, is_plain=True)
        read_pixels(path, channels)
    except UnicodeEncodeError:
        return PictureState("its name is not UTF-8")
    except ValueError as error:
        return PictureState(str(error))
    # What only TensorFlow does not decode, Pillow reads.
    return PictureState(None, plain and choose_pipeline(None) == "python")


def _looks_plain(path):
    """Whether TensorFlow should read a file. Refuses formats that nobody reads."""
    if path.suffix.lower() in (NPY, *TIFF):
        return False
    # Before anything is decoded: TensorFlow has no limit of pixels.
    with open_picture(path) as picture:
        if picture.format not in _FORMATS:
            raise ValueError(
                f"a {picture.format}, not a JPEG, PNG, BMP, GIF, WebP or TIFF"
            )
        return is_plain(path, picture)


def _tensorflow_decodes(path):
    tf = import_tensorflow()
    try:
        read_rgb(str(path))
    except tf.errors.OpError:
        return False
    return True


def _printable(path):
    return os.fsencode(path).decode(errors="backslashreplace")
