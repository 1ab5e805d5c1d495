"""Checks of the image sizes that the data functions take."""


def check_image_size(image_size: int) -> None:
    """Raises a ValueError unless the generators can take images of this size."""
    if image_size < 4 or image_size % 4:
        raise ValueError(
            "`image_size` must be positive and divisible by 4, since the generators "
            f"halve the image twice. Received: {image_size}"
        )
