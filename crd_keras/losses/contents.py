"""The contents of an image: its rows, its columns and its patches."""

from keras import KerasTensor, ops


def rows(images: KerasTensor, patch_size: int | None = None) -> KerasTensor:
    """Rows of images, `(batch, H, W, C)` to `(batch, H, W * C)`."""
    _, height, width, channels = images.shape
    return ops.reshape(images, (-1, height, width * channels))


def columns(images: KerasTensor, patch_size: int | None = None) -> KerasTensor:
    """Columns of images, `(batch, H, W, C)` to `(batch, W, H * C)`."""
    return rows(ops.transpose(images, (0, 2, 1, 3)))


def patches(images: KerasTensor, patch_size: int) -> KerasTensor:
    """Non-overlapping square patches, row by row from the upper left corner.

    Args:
        images: `(batch, H, W, C)`.
        patch_size: Side `s` of a patch in pixels. It must divide `H` and `W`.

    Returns:
        `(batch, (H / s) * (W / s), s * s * C)`.

    Raises:
        ValueError: If `patch_size` does not divide the height and the width.
    """
    _, height, width, channels = images.shape
    check_patch_size(patch_size, height, width)
    down, across = height // patch_size, width // patch_size
    x = ops.reshape(images, (-1, down, patch_size, across, patch_size, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, down * across, patch_size * patch_size * channels))


def check_patch_size(patch_size: int, height: int, width: int) -> None:
    """Raises a `ValueError` if patches do not fill images of this size."""
    if height % patch_size or width % patch_size:
        raise ValueError(
            "`patch_size` must divide the height and the width of the images. "
            f"Received: patch_size={patch_size}, images of {height} x {width} pixels"
        )


CONTENTS = {"row": rows, "column": columns, "patch": patches}
