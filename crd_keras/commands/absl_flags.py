"""What the commands share whose flags are absl's: `train` and `tables`."""

import argparse
import sys
from collections.abc import Callable, Sequence

from absl import app, flags

from crd_keras.utils.errors import DEBUG_HELP

# absl knows each with one hyphen and with two.
_HELP = {"h", "?", "help", "helpshort", "helpfull"}


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether one of a command's arguments is `--help` or another name of it."""
    return any(each.startswith("-") and each.lstrip("-") in _HELP for each in arguments)


def help_parser(usage: str, description: str) -> argparse.ArgumentParser:
    """A parser that only formats help, as absl groups flags by module alone.

    Args:
        usage: The command line.
        description: What the command does. Its lines stay as they are.
    """
    return argparse.ArgumentParser(
        usage=usage,
        description=description,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )


def add_flag_help(
    add_argument: Callable[..., object],
    name: str,
    help_text: str,
    default: object = None,
    metavar: str | None = None,
    choices: Sequence[str] | None = None,
) -> None:
    """Adds a flag to a help.

    Args:
        add_argument: The method of a parser, or of a group of one.
        name: Name of the flag.
        help_text: What it means.
        default: Its default, which the help shows. `None` or `""`: not shown.
        metavar: What stands for its value. `None`: it has no value, or choices.
        choices: The values that it may have.
    """
    if default not in (None, ""):
        help_text += f" Default: {default_text(default)}"
    value = {"metavar": metavar, "choices": choices} if metavar or choices else None
    add_argument(
        f"--{name}",
        help=help_text.replace("%", "%%"),
        **(value or {"action": "store_true"}),
    )


def default_text(value: object) -> str:
    """A default as one would write it on the command line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def run_with_flags(
    command: str, main: Callable[[list[str]], None], arguments: Sequence[str]
) -> None:
    """Parses flags and runs a command.

    Args:
        command: Its name, with which an error's line begins.
        main: Does it, given what absl does.
        arguments: The flags.

    Raises:
        SystemExit: At the end, and with one line if a flag is wrong.
    """

    def parse(argv):
        try:
            return flags.FLAGS(argv)
        except flags.Error as error:
            message = " ".join(str(error).split())
            raise SystemExit(
                f"{command}: {message}; --help explains the flags"
            ) from error

    app.run(main, [sys.argv[0], *arguments], flags_parser=parse)
