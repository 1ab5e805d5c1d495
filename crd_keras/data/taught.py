"""The translations of a teacher in a folder, beside the images that it translated."""

import os
import pathlib
from dataclasses import replace
from typing import TypeVar

from crd_keras.data.image_files import (
    are_whole_pictures,
    image_paths,
    path_images,
    picture_states,
)
from crd_keras.data.pixels import picture_size
from crd_keras.data.source import ImageSource

Source = TypeVar("Source", bound=ImageSource)


def taught_source(source: Source, taught: str | os.PathLike) -> Source:
    """Puts a teacher's images beside those that they were made of.

    `unpaired_dataset` and `paired_dataset` then give batches of source images and a
    pair of the teacher's images and images of the target domain, as a
    `crd_keras.gans.StoredTeacher` takes them. The teacher's images are cropped and
    flipped as their source images are.

    Args:
        source: The data, whose trainA are pictures in files, as of `folder_source`.
        taught: Folder with a picture for each of trainA, of the same name but for the
            extension, and of the same size when both are upright. `crd teach` makes
            such a folder. Others may lie there, too. They get as many channels as
            trainB has.

    Returns:
        A source like the given one, with `taught` images.

    Raises:
        ValueError: If trainA are no pictures in files, there is no such folder, or a
            picture in it is missing, cannot be read, or has another size.

    Example:

    ```python
    source = data.taught_source(data.folder_source("images"), "taught")
    trainer.fit(data.unpaired_dataset(source, image_size=256), epochs=100)
    ```
    """
    sources = source.split("trainA")
    if not are_whole_pictures(sources):
        raise ValueError(
            "`taught` needs source images in files, one picture in each, to find the "
            f"teacher's by their names. Received: {source.label}"
        )
    folder = pathlib.Path(taught)
    if not folder.is_dir():
        raise ValueError(f"`taught` must be a folder. Received: {str(taught)!r}")
    originals = _by_name([pathlib.Path(path) for path in sources.records], taught)
    found = _by_name(
        [path for path in image_paths(folder) if path.stem in originals], taught
    )
    missing = [path for name, path in originals.items() if name not in found]
    if missing:
        raise ValueError(
            f"`taught` must have a picture for each image of {missing[0].parent}, but "
            f"{len(missing)} are missing, the first is that of {missing[0].name}; "
            f"`crd teach` makes them. Received: {str(taught)!r}"
        )
    paths = [found[name] for name in originals]
    channels = source.split("trainB").channels
    states = picture_states([paths], [channels])
    for path, state in states.items():
        if state.reason is not None:
            raise ValueError(
                f"`taught` has a corrupt picture, {path} ({state.reason}); have it "
                f"made anew. Received: {str(taught)!r}"
            )
    for original, path in zip(originals.values(), paths, strict=True):
        sizes = [_size_text(x) for x in (original, path)]
        if sizes[0] != sizes[1]:
            raise ValueError(
                f"`taught` must have pictures as large as their sources, but {path} "
                f"has {sizes[1]} pixels, and {original} {sizes[0]}. "
                f"Received: {str(taught)!r}"
            )
    return replace(
        source,
        label=f"{source.label}, taught by the images of {folder}",
        taught=path_images(
            paths, channels, all(state.is_plain for state in states.values())
        ),
    )


def _by_name(paths, taught):
    """Paths by their names without extension, in their order."""
    by_name: dict[str, pathlib.Path] = {}
    for path in paths:
        other = by_name.setdefault(path.stem, path)
        if other is not path:
            raise ValueError(
                "`taught` matches pictures by their names without extension, but "
                f"{path.parent} has {other.name} and {path.name}. "
                f"Received: {str(taught)!r}"
            )
    return by_name


def _size_text(path):
    return "{}x{}".format(*reversed(picture_size(path)))
