"""How much of a cache's memory each domain gets."""

import math
from collections.abc import Sequence

_MEBIBYTE = 2**20


def cache_rooms(
    counts: Sequence[int], shapes: Sequence[tuple[int, ...]], mebibytes: float
) -> list[float]:
    """Divides memory among domains: each takes what it has need of, the first first.

    Args:
        counts: Number of images of each domain.
        shapes: Shape of the images of each domain, which are uint8.
        mebibytes: The memory of all, in MiB.

    Returns:
        The memory of each, in MiB.
    """
    left, rooms = int(mebibytes * _MEBIBYTE), []
    for count, shape in zip(counts, shapes, strict=True):
        size = math.prod(shape)
        taken = min(count, left // size) * size
        rooms.append(taken / _MEBIBYTE)
        left -= taken
    return rooms
