"""How many channels images have, and the way from colour to grey and back."""

from typing import Any

import numpy as np

# Of red, green and blue in brightness (ITU-R 601), in parts of 2**16: as Pillow has
# them. Whole numbers, so that every program comes to the same grey level.
_BRIGHTNESS = (19595, 38470, 7471)
_WHOLE = 2**16


def parse_channels(text: str, name: str = "channels") -> tuple[int, int]:
    """The channels of source and target images that a text names.

    Args:
        text: Two numbers with a colon between them, such as "1:3".
        name: The argument or flag that it is, for the error.

    Raises:
        ValueError: If it is something else.
    """
    try:
        source, target = map(int, text.split(":"))
    except ValueError:
        source = target = 0
    if source < 1 or target < 1:
        raise ValueError(
            f"`{name}` must be two positive numbers, of source and target images, such "
            f"as 1:3 for grey to colour. Received: {text}"
        )
    return source, target


def check_convertible(have: int, want: int) -> None:
    """Raises a ValueError unless images can be given another number of channels.

    Grey becomes colour and colour grey. Of other numbers nobody knows what they mean.
    """
    if have != want and {have, want} != {1, 3}:
        raise ValueError(f"{have} channels, where {want} are wanted")


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Makes grey images of colour ones, or the other way round.

    Grey images get three equal channels. A grey level is the brightness of the colour.

    Args:
        pixels: Array of shape (..., channels): uint8, uint16 or floats.
        channels: How many channels the result has.

    Returns:
        Array of shape (..., channels) and the same dtype.

    Raises:
        ValueError: If the images have another number of channels than that, 1 or 3.
    """
    check_convertible(pixels.shape[-1], channels)
    if pixels.shape[-1] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    is_whole = np.issubdtype(pixels.dtype, np.integer)
    numbers = pixels.astype(np.uint32) if is_whole else pixels
    grey: Any = sum(
        weight * numbers[..., i : i + 1] for i, weight in enumerate(_BRIGHTNESS)
    )
    grey = (grey + _WHOLE // 2) >> 16 if is_whole else grey / _WHOLE
    return grey.astype(pixels.dtype)
