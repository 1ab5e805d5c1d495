"""Whether there are as many devices as are asked for."""


def check_device_count(count: int, available: int) -> None:
    """Raises a `ValueError` unless `1 <= count <= available`."""
    if not 1 <= count <= available:
        raise ValueError(
            f"`devices` must be from 1 to {available}, the devices that the backend "
            f"finds here. Received: devices={count}"
        )
