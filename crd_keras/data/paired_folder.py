"""Pairs of images in folders."""

import os
import pathlib
import warnings

from crd_keras.data.image_files import (
    check_on_corrupt,
    image_paths,
    path_images,
    sound_images,
)
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.pixels import picture_size
from crd_keras.data.source import SPLITS, Images


def paired_folder_source(
    data_dir: str | os.PathLike,
    on_corrupt: str = "refuse",
    channels: tuple[int, int] = (3, 3),
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
        channels: How many channels the images of A and of B shall have. See
            `folder_source`.

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
        return _matched_by_name(data_dir, on_corrupt, channels)
    test = next((t for t in ("test", "val") if (data_dir / t).is_dir()), None)
    if test is not None and (data_dir / "train").is_dir():
        return _side_by_side(data_dir, test, on_corrupt, channels)
    raise ValueError(
        "`data_dir` must be a folder with train and test (or val) in it, of pictures A "
        f"and B side by side, or with {', '.join(SPLITS)}, whose names match. "
        f"Received: {str(data_dir)!r}, with neither"
    )


def _side_by_side(data_dir, test, on_corrupt, channels):
    # Whole pictures have colours where one of their halves has.
    wanted = max(channels)
    sound = sound_images(
        [data_dir / "train", data_dir / test],
        "data_dir",
        data_dir,
        on_corrupt,
        [wanted, wanted],
    )
    train_paths, test_paths = sound.paths
    for path in (*train_paths, *test_paths):
        height, width = picture_size(path)
        if width != 2 * height:
            raise ValueError(
                "`data_dir` must hold pictures A and B side by side, together twice as "
                f"wide as high (others go to trainA and trainB); {path} has "
                f"{width}x{height} pixels. Received: {str(data_dir)!r}"
            )
    splits = {}
    for split, paths in (("train", train_paths), ("test", test_paths)):
        whole = path_images(paths)
        for domain, half, count in zip("AB", ("left", "right"), channels, strict=True):
            images = path_images(paths, count, sound.are_plain, half)
            # One array of paths, so that both halves can be known to be of one picture.
            splits[f"{split}{domain}"] = Images(whole.records, images.load)
    return PairedSource(
        label=f"folder {data_dir}, pairs side by side{sound.skipped}",
        splits=splits,
        directory=data_dir,
    )


def _matched_by_name(data_dir, on_corrupt, channels):
    folders = [data_dir / split for split in SPLITS]
    for a, b in (folders[:2], folders[2:]):
        _check_names(a, b, data_dir)
    sound = sound_images(folders, "data_dir", data_dir, on_corrupt, channels * 2)
    skipped = sound.skipped
    by_name = [{path.stem: path for path in paths} for paths in sound.paths]
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
        for place, (domain, count) in enumerate(zip("AB", channels, strict=True)):
            paths = [pair[place] for pair in equal]
            splits[f"{split}{domain}"] = path_images(paths, count, sound.are_plain)
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
    return picture_size(a) != picture_size(b)


def _describe(a: pathlib.Path, b: pathlib.Path) -> str:
    sides = [
        "{}/{} with {}x{} pixels".format(
            p.parent.name, p.name, *reversed(picture_size(p))
        )
        for p in (a, b)
    ]
    return " and ".join(sides)
