"""The memory of past fakes."""

import random

import torch
from torch import Tensor


class ImagePool:
    """Exchanges every second image, by chance, for one of the last `size` fakes."""

    def __init__(self, size: int):
        self.size = size
        self.images = []

    def __call__(self, images: Tensor) -> Tensor:
        returned = []
        for image in images:
            if len(self.images) < self.size:
                self.images.append(image)
            elif random.random() < 0.5:
                place = random.randrange(self.size)
                image, self.images[place] = self.images[place], image
            returned.append(image)
        return torch.stack(returned)
