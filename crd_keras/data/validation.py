"""Checks of the image sizes that the data functions take."""

from crd_keras.utils.image_size import ImageSize, image_sides, image_size_text

_MULTIPLE = 4


def check_image_size(image_size: ImageSize) -> None:
    """Raises a ValueError unless the generators can take images of this size."""
    sides = (image_size,) if isinstance(image_size, int) else image_sides(image_size)
    if any(side < _MULTIPLE or side % _MULTIPLE for side in sides):
        nearest = "x".join(str(max(1, round(x / _MULTIPLE)) * _MULTIPLE) for x in sides)
        raise ValueError(
            f"`image_size` must be positive and divisible by {_MULTIPLE}, such as "
            f"{nearest}, since the generators halve the image twice. "
            f"Received: {image_size_text(image_size)}"
        )
