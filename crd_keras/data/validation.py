"""Checks of the numbers that the data functions take."""


def check_image_size(image_size: int) -> None:
    """Raises a ValueError unless the generators can take images of this size."""
    if image_size < 4 or image_size % 4:
        raise ValueError(
            "`image_size` must be positive and divisible by 4, since the generators "
            f"halve the image twice. Received: {image_size}"
        )


def check_at_least(least: int, **arguments: int) -> None:
    """Raises a ValueError that names the first argument smaller than `least`."""
    for name, value in arguments.items():
        if value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {value}")
