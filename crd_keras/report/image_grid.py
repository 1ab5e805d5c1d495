"""Pictures of pictures: columns of images side by side under headers."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crd_keras.utils.images import to_uint8

_GAP = 4
_HEADER = 26
# Of headers; a longer one than its column is set smaller.
_FONT_SIZES = range(15, 7, -1)
_PAPER = (250, 250, 250)
_INK = (32, 32, 32)


def image_grid(
    columns: dict[str, np.ndarray], min_cell_width: int = 128
) -> Image.Image:
    """Draws one row per image and one column per entry.

    Args:
        columns: From header to images `(count, height, width, channels)` in
            [-1, 1]; as many of one size in all columns. Those of 1 or 2 channels are
            grey, the first channel. Of more than 3 channels the first three are shown.
        min_cell_width: Narrower images are enlarged by the smallest whole number
            that makes them at least this wide. Pixels are repeated, not smoothed:
            the grid shows what the network made.

    Returns:
        An RGB picture.

    Raises:
        ValueError: If there is no column, or the images are not of that form.

    Example:

    ```python
    image_grid({"input": horses, "student": zebras}).save("grid.png")
    ```
    """
    if not columns:
        raise ValueError(f"`columns` must name at least one. Received: {columns}")
    columns = {header: np.asarray(images) for header, images in columns.items()}
    shape = next(iter(columns.values())).shape
    for header, images in columns.items():
        if images.shape[:3] != shape[:3]:
            raise ValueError(
                "`columns` must hold as many images of one size. "
                f"Received: {shape} and, in '{header}', {images.shape}"
            )
        if images.ndim != 4 or 0 in images.shape:
            raise ValueError(
                "`columns` must hold images (count, height, width, channels). "
                f"Received: shape {images.shape}"
            )
    count, height, width, _ = shape
    scale = max(1, -(-min_cell_width // width))
    height, width = height * scale, width * scale

    picture = Image.new(
        "RGB",
        (
            _GAP + len(columns) * (width + _GAP),
            _HEADER + count * (height + _GAP),
        ),
        _PAPER,
    )
    draw = ImageDraw.Draw(picture)
    for column, (header, images) in enumerate(columns.items()):
        left = _GAP + column * (width + _GAP)
        centre = (left + width / 2, _HEADER / 2)
        font = _fitting_font(header, width)
        draw.text(centre, header, fill=_INK, font=font, anchor="mm")
        for row, pixels in enumerate(_to_rgb(images)):
            cell = Image.fromarray(pixels)
            cell = cell.resize((width, height), Image.Resampling.NEAREST)
            picture.paste(cell, (left, _HEADER + row * (height + _GAP)))
    return picture


def _fitting_font(text, width):
    """The largest font in which a text is not wider, or the smallest one."""
    for size in _FONT_SIZES:
        font = ImageFont.load_default(size)
        if font.getlength(text) <= width:
            break
    return font


def _to_rgb(images: np.ndarray) -> np.ndarray:
    """From [-1, 1] to uint8 with three channels. What is not a number is black."""
    values = np.nan_to_num(images.astype("float32"), nan=-1.0)
    values = to_uint8(values)
    values = values[..., : 3 if values.shape[-1] >= 3 else 1]
    return np.broadcast_to(values, (*values.shape[:3], 3))
