"""The built-in sample in pairs."""

from crd_keras.data.paired_source import PairedSource
from crd_keras.data.sample.source import draw_animals
from crd_keras.data.source import Images
from crd_keras.utils.image_size import ImageSize, image_sides
from crd_keras.utils.validation import check_at_least


def paired_sample_source(
    image_size: ImageSize = 64, train: int = 256, test: int = 64, seed: int = 0
) -> PairedSource:
    """Draws animals in a plain coat (domain A) and the same ones striped (domain B).

    The striped picture of an animal is its one right translation. The images of domain
    A are the ones that `sample_source` draws, and the test images are held out.

    Args:
        image_size: Height and width of the pictures in pixels, or one number for both.
        train: Training pairs.
        test: Test pairs.
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
    splits = {}
    for split, number in (("train", train), ("test", test)):
        plain, striped, _ = draw_animals(f"{split}A", number, seed, image_size)
        splits[f"{split}A"] = Images(plain)
        splits[f"{split}B"] = Images(striped)
    return PairedSource(
        label="built-in sample: drawn animals, plain (A), and the same ones striped "
        f"(B), seed {seed}",
        splits=splits,
    )
