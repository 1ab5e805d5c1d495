"""Height and width of images: one number for a square, or two."""

from collections.abc import Sequence

ImageSize = int | tuple[int, int]
"""Height and width in pixels, or one number for both."""


def image_sides(image_size: int | Sequence[int]) -> tuple[int, int]:
    """`(height, width)` of a size.

    Raises:
        ValueError: If it is neither a number nor a pair of numbers, or one is below 1.
    """
    sides = (image_size,) * 2 if isinstance(image_size, int) else tuple(image_size)
    if len(sides) != 2 or not all(_is_positive(x) for x in sides):
        raise ValueError(
            "`image_size` must be a positive integer, or two: (height, width). "
            f"Received: {image_size}"
        )
    height, width = sides
    return height, width


def _is_positive(number):
    return isinstance(number, int) and number > 0 and not isinstance(number, bool)


def image_size_text(image_size: ImageSize) -> str:
    """A size as `parse_image_size` reads it: `"256"` or `"272x480"`."""
    return (
        str(image_size)
        if isinstance(image_size, int)
        else "x".join(map(str, image_size))
    )


def as_image_size(sides: tuple[int, int]) -> ImageSize:
    """One number for a square, else height and width."""
    height, width = sides
    return height if height == width else (height, width)


def parse_image_size(text: str, name: str = "image_size") -> ImageSize:
    """The size that a text names.

    Args:
        text: One number, or height and width with an "x" between them.
        name: The argument or flag that it is, for the error.

    Returns:
        One number for a square, else `(height, width)`.

    Raises:
        ValueError: If it is neither.
    """
    try:
        numbers = [int(number) for number in text.lower().split("x")]
        return as_image_size(
            image_sides(tuple(numbers) if len(numbers) > 1 else numbers[0])
        )
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be a positive number, or height and width such as 272x480. "
            f"Received: {text}"
        ) from error
