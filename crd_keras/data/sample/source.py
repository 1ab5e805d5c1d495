"""The built-in sample: pictures that the project draws itself, nothing to download."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from crd_keras.data.sample.animal import draw_animal
from crd_keras.data.source import SPLITS, Images, swap_domains
from crd_keras.data.unpaired_source import UnpairedSource
from crd_keras.utils.image_size import ImageSize, image_sides
from crd_keras.utils.validation import check_at_least


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleSource(UnpairedSource):
    """The built-in sample, with the ground truth of its test images.

    Args:
        ground_truth: By "testA" and "testB": the same animals in the other coat, in
            their order, uint8 of shape (images, height, width, 3). A perfect
            translation is equal to them.
        masks: By "testA" and "testB": where the animals are, bool of shape (images,
            height, width). A perfect translation changes nothing elsewhere.
    """

    ground_truth: Mapping[str, np.ndarray]
    masks: Mapping[str, np.ndarray]

    @property
    def targets(self) -> Images:
        return Images(self.ground_truth["testA"])

    def reversed(self) -> Self:
        return replace(
            super().reversed(),
            ground_truth=swap_domains(self.ground_truth),
            masks=swap_domains(self.masks),
        )


def sample_source(
    image_size: ImageSize = 64, train: int = 256, test: int = 64, seed: int = 0
) -> SampleSource:
    """Draws plain animals (domain A) and striped animals (domain B).

    No animal of one split appears in another: the domains are unpaired, and the test
    images are held out. The test images of a seed stay the same whatever the number
    of training images.

    Args:
        image_size: Height and width of the pictures in pixels, or one number for both.
        train: Training images of each domain.
        test: Test images of each domain.
        seed: Another seed draws other animals.

    Returns:
        The source, with uint8 images of shape (height, width, 3) in memory.

    Raises:
        ValueError: If `image_size`, `train` or `test` is not positive, or `seed` is
            negative.
    """
    image_sides(image_size)
    check_at_least(1, train=train, test=test)
    check_at_least(0, seed=seed)

    plain, striped, masks = {}, {}, {}
    for split, number in zip(SPLITS, (train, train, test, test), strict=True):
        drawn = draw_animals(split, number, seed, image_size)
        plain[split], striped[split], masks[split] = drawn
    return SampleSource(
        label=f"built-in sample: drawn animals, plain (A) and striped (B), seed {seed}",
        splits={
            "trainA": Images(plain["trainA"]),
            "trainB": Images(striped["trainB"]),
            "testA": Images(plain["testA"]),
            "testB": Images(striped["testB"]),
        },
        ground_truth={"testA": striped["testA"], "testB": plain["testB"]},
        masks={split: masks[split] for split in ("testA", "testB")},
    )


def draw_animals(
    split: str, number: int, seed: int, image_size: ImageSize
) -> list[np.ndarray]:
    """Draws the animals of one split, of which none is in another.

    Args:
        split: "trainA", "trainB", "testA" or "testB".
        number: How many.
        seed: See `draw_animal`.
        image_size: See `draw_animal`.

    Returns:
        The arrays of `draw_animal`, each of all animals: plain and striped pictures,
        and masks.
    """
    # Every fourth index belongs to the same split.
    indices = range(SPLITS.index(split), 4 * number, 4)
    animals = [draw_animal(index, seed, image_size) for index in indices]
    return [np.stack(arrays) for arrays in zip(*animals)]
