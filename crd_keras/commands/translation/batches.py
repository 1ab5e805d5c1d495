"""Batches of images that come one after the other."""

from collections.abc import Iterable, Iterator

import numpy as np


def batches_of_one_size(
    images: Iterable[np.ndarray], batch_size: int
) -> Iterator[np.ndarray]:
    """Gathers neighbours of the same size and depth.

    Args:
        images: Images `(height, width, channels)`, not all of the same size.
        batch_size: How many to gather at most. More are never kept.

    Yields:
        Batches `(count, height, width, channels)`, in the order of the images.
    """
    batch: list[np.ndarray] = []
    for image in images:
        kind = image.shape, image.dtype
        others = [(x.shape, x.dtype) for x in batch[:1]]
        if batch and (len(batch) == batch_size or [kind] != others):
            yield np.stack(batch)
            batch = []
        batch.append(image)
    if batch:
        yield np.stack(batch)
