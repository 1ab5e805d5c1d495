"""Small folders of images for the tests."""

import pathlib

import numpy as np
from PIL import Image

from crd_keras.data.source import SPLITS


def random_image(seed: int, height: int = 24, width: int = 20) -> np.ndarray:
    """A smooth uint8 picture (height, width, 3), which JPEG keeps almost as it is."""
    colours = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), np.uint8)
    picture = Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def write_folders(root: pathlib.Path, counts=(3, 2, 2, 2)) -> pathlib.Path:
    """Writes trainA, trainB, testA and testB with so many JPEGs each."""
    for split, count in zip(SPLITS, counts):
        (root / split).mkdir(parents=True)
        for index in range(count):
            picture = Image.fromarray(random_image(1000 * SPLITS.index(split) + index))
            picture.save(root / split / f"{index}.jpg", quality=95, subsampling=0)
    return root


def write_side_by_side(root: pathlib.Path, **counts: int) -> pathlib.Path:
    """Writes so many pictures to each folder, two random images of 24x24 in each.

    The one on the left of picture i is `random_image(i, 24, 24)`, the one on the right
    `random_image(1000 + i, 24, 24)`, counted on from folder to folder.
    """
    seed = 0
    for folder, count in counts.items():
        (root / folder).mkdir(parents=True)
        for index in range(count):
            sides = [random_image(first + seed, 24, 24) for first in (0, 1000)]
            picture = Image.fromarray(np.concatenate(sides, axis=1))
            path = root / folder / f"{index}.jpg"
            picture.save(path, quality=95, subsampling=0)
            seed += 1
    return root
