"""Laplacian pyramids: images split into bands of detail."""

import numpy as np

# The 5-tap binomial low-pass filter of the pyramid.
_TAPS = np.array([1, 4, 6, 4, 1], dtype="float32") / 16


def pyramid_sizes(
    height: int, width: int, min_resolution: int
) -> list[tuple[int, int]]:
    """Returns (height, width) of each level, finest first.

    Args:
        height: Height of the image.
        width: Width of the image.
        min_resolution: The least shorter side of a level.

    Raises:
        ValueError: If the image itself is smaller than `min_resolution`.
    """
    if min(height, width) < min_resolution:
        raise ValueError(
            f"`images` must have at least `min_resolution`={min_resolution} pixels a "
            f"side. Received: height {height}, width {width}"
        )
    sizes = []
    while min(height, width) >= min_resolution:
        sizes.append((height, width))
        height, width = (height + 1) // 2, (width + 1) // 2
    return sizes


def laplacian_pyramid(image: np.ndarray, min_resolution: int) -> list[np.ndarray]:
    """Splits an image into bands of detail, finest first, the rest last.

    Args:
        image: `(height, width, channels)`, float32.
        min_resolution: The least shorter side of a level.

    Returns:
        Arrays of the sizes that `pyramid_sizes` gives. Adding up the enlarged
        levels gives the image back.

    Raises:
        ValueError: If the image is smaller than `min_resolution`.
    """
    levels = [image]
    height, width = image.shape[:2]
    for _ in pyramid_sizes(height, width, min_resolution)[1:]:
        fine = levels[-1]
        coarse = _halved(fine)
        levels[-1] = fine - _doubled(coarse, fine.shape)
        levels.append(coarse)
    return levels


def _halved(image: np.ndarray) -> np.ndarray:
    """Low-pass filters, then keeps every other row and column."""
    for axis in (0, 1):
        image = _filtered(image, axis, step=2)
    return image


def _doubled(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Puts zeros between rows and columns, then low-pass filters to `shape`."""
    spread = np.zeros(shape, dtype=image.dtype)
    # 4 pixels in, of which 3 are zeros: 4 times the filter keeps the brightness.
    spread[::2, ::2] = 4 * image
    for axis in (0, 1):
        spread = _filtered(spread, axis, step=1)
    return spread


def _filtered(image: np.ndarray, axis: int, step: int) -> np.ndarray:
    """Filters along one axis, mirrored at the borders, at every `step`-th pixel."""
    length = image.shape[axis]
    padding = [(0, 0)] * image.ndim
    padding[axis] = (2, 2)
    padded = np.moveaxis(np.pad(image, padding, mode="reflect"), axis, 0)
    total = sum(tap * padded[i : i + length : step] for i, tap in enumerate(_TAPS))
    return np.moveaxis(total, 0, axis)
