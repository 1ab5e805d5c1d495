"""The networks whose training is measured, as options."""

import argparse

_OPTIONS = {
    "teacher_filters": 64,
    "student_filters": 16,
    "blocks": 9,
    "discriminator_filters": 64,
    "vgg_blocks": 4,
    "patch_size": 32,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("networks, by default those of the paper")
    for name, default in _OPTIONS.items():
        group.add_argument(f"--{name}", type=int, default=default)


def check(arguments: argparse.Namespace) -> None:
    """Raises a ValueError unless the networks and the relations take the images."""
    size, patch = arguments.image_size, arguments.patch_size
    if size % 4:
        raise ValueError(
            "`--image_size` must be divisible by 4, as the generators halve images "
            f"twice. Received: {size}"
        )
    check_patches(size, patch)


def check_patches(image_size: int, patch_size: int) -> None:
    """Raises a ValueError unless an image is cut into whole patches."""
    if image_size % patch_size:
        raise ValueError(
            "`--patch_size` must divide `--image_size`. "
            f"Received: {patch_size} for {image_size} pixels"
        )


def from_arguments(arguments: argparse.Namespace) -> dict[str, int]:
    """Arguments of `step_programs.make_trainer`."""
    return {name: getattr(arguments, name) for name in _OPTIONS}
