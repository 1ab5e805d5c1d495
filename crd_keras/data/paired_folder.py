"""Pairs of images in folders."""

import os
import pathlib
import warnings

from crd_keras.data.decoding import read_left_half, read_right_half
from crd_keras.data.image_files import (
    check_on_corrupt,
    image_paths,
    path_images,
    sound_images,
)
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.source import SPLITS, Images
from crd_keras.utils.pictures import open_picture


def paired_folder_source(
    data_dir: str | os.PathLike, on_corrupt: str = "refuse"
) -> PairedSource:
    """Takes pairs of images from a folder in one of two layouts.

    Side by side, as pix2pix publishes its data: train and test (or val, where there is
    no test) hold pictures twice as wide as high, A on the left and B on the right.

    Matched by name: trainA, trainB, testA and testB hold the images, and an image of A
    has the name of its image of B, but for the extension, and its size.

    From A to B is the direction; `source.reversed()` is the other one.

    Args:
        data_dir: The folder.
        on_corrupt: What happens with a corrupt or truncated image, and with pairs
            matched by name whose sizes differ: "refuse" raises an error, "skip" leaves
            the pair out with a warning.

    Returns:
        The source. Its records are paths, in the order of their names.

    Raises:
        ValueError: If folders are missing or have no images, pictures side by side are
            not twice as wide as high, names do not match, the sizes of a pair differ or
            an image is corrupt and it is not to be skipped, or `on_corrupt` is neither
            of the two.
    """
    check_on_corrupt(on_corrupt)
    data_dir = pathlib.Path(data_dir)
    if all((data_dir / split).is_dir() for split in SPLITS):
        return _matched_by_name(data_dir, on_corrupt)
    test = next((t for t in ("test", "val") if (data_dir / t).is_dir()), None)
    if test is not None and (data_dir / "train").is_dir():
        return _side_by_side(data_dir, test, on_corrupt)
    raise ValueError(
        "`data_dir` must be a folder with train and test (or val) in it, of pictures A "
        f"and B side by side, or with {', '.join(SPLITS)}, whose names match. "
        f"Received: {str(data_dir)!r}, with neither"
    )


def _side_by_side(data_dir, test, on_corrupt):
    (train_paths, test_paths), skipped = sound_images(
        [data_dir / "train", data_dir / test], "data_dir", data_dir, on_corrupt
    )
    for path in (*train_paths, *test_paths):
        width, height = _size(path)
        if width != 2 * height:
            raise ValueError(
                "`data_dir` must hold pictures A and B side by side, together twice as "
                f"wide as high (others go to trainA and trainB); {path} has "
                f"{width}x{height} pixels. Received: {str(data_dir)!r}"
            )
    train, test = path_images(train_paths), path_images(test_paths)
    return PairedSource(
        label=f"folder {data_dir}, pairs side by side{skipped}",
        splits={
            "trainA": Images(train.records, read_left_half),
            "trainB": Images(train.records, read_right_half),
            "testA": Images(test.records, read_left_half),
            "testB": Images(test.records, read_right_half),
        },
        directory=data_dir,
    )


def _matched_by_name(data_dir, on_corrupt):
    folders = [data_dir / split for split in SPLITS]
    for a, b in (folders[:2], folders[2:]):
        _check_names(a, b, data_dir)
    paths, skipped = sound_images(folders, "data_dir", data_dir, on_corrupt)
    by_name = [{path.stem: path for path in paths_of_split} for paths_of_split in paths]
    pairs = [
        # All names, unless the other one of a pair was corrupt and skipped.
        [(in_a[name], in_b[name]) for name in in_a if name in in_b]
        for in_a, in_b in (by_name[:2], by_name[2:])
    ]
    unequal = [
        pair for pairs_of_split in pairs for pair in pairs_of_split if _differ(*pair)
    ]
    if unequal and on_corrupt == "refuse":
        raise ValueError(
            f"`data_dir` has {len(unequal)} pair(s) of images of different sizes, the "
            f"first is {_describe(*unequal[0])}; make them alike or set "
            f'`on_corrupt="skip"`. Received: {str(data_dir)!r}'
        )
    for pair in unequal:
        warnings.warn(
            f"Skipping a pair of images of different sizes, {_describe(*pair)}.",
            stacklevel=3,
        )
    if unequal:
        skipped += f", {len(unequal)} pair(s) of different sizes skipped"
    left_out, splits = set(unequal), {}
    for split, pairs_of_split in zip(("train", "test"), pairs, strict=True):
        equal = [pair for pair in pairs_of_split if pair not in left_out]
        splits[f"{split}A"] = path_images([a for a, _ in equal])
        splits[f"{split}B"] = path_images([b for _, b in equal])
    return PairedSource(
        label=f"folder {data_dir}, pairs matched by name{skipped}",
        splits=splits,
        directory=data_dir,
    )


def _check_names(a: pathlib.Path, b: pathlib.Path, data_dir: pathlib.Path) -> None:
    """Refuses images of two folders that are not each other's partners."""
    partners: list[dict[str, pathlib.Path]] = []
    for folder in (a, b):
        paths: dict[str, pathlib.Path] = {}
        for path in image_paths(folder):
            other = paths.setdefault(path.stem, path)
            if other is not path:
                raise ValueError(
                    "`data_dir` must hold pairs matched by name without extension, but "
                    f"{folder.name} has {other.name} and {path.name}. "
                    f"Received: {str(data_dir)!r}"
                )
        partners.append(paths)
    alone = [
        f"{folder.name}/{path.name}"
        for folder, mine, others in (
            (a, partners[0], partners[1]),
            (b, partners[1], partners[0]),
        )
        for name, path in mine.items()
        if name not in others
    ]
    if alone:
        raise ValueError(
            f"`data_dir` must hold pairs matched by name, but {len(alone)} image(s) "
            f"have no partner in the other folder: {', '.join(alone[:3])}"
            f"{', ...' if len(alone) > 3 else ''} (images that are no pairs need an "
            f"unpaired training). Received: {str(data_dir)!r}"
        )


def _differ(a: pathlib.Path, b: pathlib.Path) -> bool:
    return _size(a) != _size(b)


def _describe(a: pathlib.Path, b: pathlib.Path) -> str:
    sides = [
        "{}/{} with {}x{} pixels".format(p.parent.name, p.name, *_size(p))
        for p in (a, b)
    ]
    return " and ".join(sides)


def _size(path: pathlib.Path) -> tuple[int, int]:
    """Width and height, from the head of the file."""
    with open_picture(path) as picture:
        return picture.size
