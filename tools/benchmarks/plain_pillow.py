"""The paper's augmentation with Pillow and NumPy, as one writes it."""

import pathlib
import random

import numpy as np
from PIL import Image


def augmented(path: pathlib.Path, image_size: int) -> np.ndarray:
    """Reads, enlarges, crops and flips an image: float32 `(size, size, 3)`, [-1, 1]."""
    enlarged = round(image_size * 286 / 256)
    with Image.open(path) as file:
        image = file.convert("RGB")
    image = image.resize((enlarged, enlarged), Image.Resampling.BICUBIC)
    left, top = (random.randint(0, enlarged - image_size) for _ in range(2))
    image = image.crop((left, top, left + image_size, top + image_size))
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return np.asarray(image, np.float32) / 127.5 - 1
