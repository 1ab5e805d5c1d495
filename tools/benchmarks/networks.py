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


def from_arguments(arguments: argparse.Namespace) -> dict[str, int]:
    """Arguments of `step_programs.make_trainer`."""
    return {name: getattr(arguments, name) for name in _OPTIONS}
