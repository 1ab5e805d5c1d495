"""Checks of numbers and images that functions are given.

Each takes arguments by their names, and raises a `ValueError` that names the first one
that is wrong. Dicts pass names that are no identifiers: `**{"--epochs": 0}`.
"""

import math
import numbers
from typing import Any

# Interpolation may overshoot [-1, 1] a little; images in 0-255 overshoot it a lot.
_LARGEST_IMAGE_VALUE = 1.5


def check_finite(**arguments: Any) -> None:
    """Raises a ValueError if an argument is NaN, infinite, or no number at all."""
    for name, value in arguments.items():
        try:
            finite = math.isfinite(value)
        except (TypeError, ValueError):
            raise ValueError(
                f"`{name}` must be a number. Received: {value!r}"
            ) from None
        if not finite:
            raise ValueError(f"`{name}` must be finite. Received: {value}")


def check_at_least(least: float, **arguments: float) -> None:
    """Raises a ValueError unless each argument is finite and `least` or more."""
    check_finite(**arguments)
    for name, value in arguments.items():
        if value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {value}")


def check_above(bound: float, **arguments: float) -> None:
    """Raises a ValueError unless each argument is finite and greater than `bound`."""
    check_finite(**arguments)
    for name, value in arguments.items():
        if value <= bound:
            raise ValueError(f"`{name}` must be above {bound}. Received: {value}")


def check_rate(**arguments: float) -> None:
    """Raises a ValueError unless each argument is in [0, 1)."""
    for name, value in arguments.items():
        check_at_least(0, **{name: value})
        if value >= 1:
            raise ValueError(f"`{name}` must be below 1. Received: {value}")


def check_whole(least: int, **arguments: int) -> None:
    """Raises a ValueError unless each argument is a whole number, `least` or more."""
    for name, value in arguments.items():
        if not isinstance(value, numbers.Integral) or value < least:
            raise ValueError(
                f"`{name}` must be an integer of at least {least}. Received: {value!r}"
            )


def check_image_range(least: float, greatest: float, name: str) -> None:
    """Raises a ValueError if images are not in [-1, 1].

    Args:
        least: The least value of the images.
        greatest: The greatest value.
        name: The name of the argument that holds them.
    """
    inside = -_LARGEST_IMAGE_VALUE <= least and greatest <= _LARGEST_IMAGE_VALUE
    if not inside:  # Nor is NaN.
        raise ValueError(
            f"`{name}` must have values in [-1, 1] (divide 0-255 by 127.5 and "
            f"subtract 1). Received: {least:g} to {greatest:g}"
        )
