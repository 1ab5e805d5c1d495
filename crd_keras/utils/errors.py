"""Making one line of what others raise."""

import contextlib
import functools
import os
import re
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence

# What a shell reports of a program that a closed pipe has ended (128 + SIGPIPE).
_CLOSED_PIPE = 141

# The end of each command's help.
DEBUG_HELP = "--debug shows the traceback of an error before the line that tells it."


def first_line(error: Exception) -> str:
    """The first line of an error's message, or its type where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def with_flags(message: str, names: Collection[str]) -> str:
    """A message of the library, with a command's flags in place of its arguments.

    Args:
        message: The message. Arguments stand in it as `` `name` `` or
            `` `name="value"` ``.
        names: The arguments that the command has flags for, of the same names.
    """

    def with_flag(match):
        flag = "`--" + match[0][1:].replace('"', "")
        return flag if match[1] in names else match[0]

    return re.sub(r"`(\w+)(?:=[^`]*)?`", with_flag, message)


@contextlib.contextmanager
def one_line_errors(command: str) -> Iterator[None]:
    """Ends a command with one line where its input is wrong, without a traceback.

    Where nobody reads its output any more (`| head`) it ends without a word.

    Args:
        command: The command's name, with which the line begins.

    Raises:
        SystemExit: With the message of an ImportError, MemoryError, OSError,
            RuntimeError or ValueError (status 1); with status 141 after a
            BrokenPipeError.

    Example:

    ```python
    @one_line_errors("translate")
    def main(argv=None): ...
    ```
    """
    try:
        try:
            yield
        finally:
            # Here, also after `--help`: at the interpreter's end it could not be told
            # any more from other errors.
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still to be written, at the interpreter's end, goes nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        raise SystemExit(_CLOSED_PIPE) from None
    except (ImportError, MemoryError, OSError, RuntimeError, ValueError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise SystemExit(f"{command}: {message}") from error


def accepts_debug(main: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the flag `--debug`, which shows tracebacks.

    A command ends with `raise SystemExit("one line") from error`. With `--debug` the
    traceback of `error` comes before that line.

    Args:
        main: The command. It takes its arguments as a list, without `--debug`.

    Returns:
        The same, with the arguments of the command line as a default.

    Example:

    ```python
    @accepts_debug
    @one_line_errors("translate")
    def main(argv): ...
    ```
    """

    @functools.wraps(main)
    def main_with_debug(argv: Sequence[str] | None = None, **options: object) -> None:
        arguments = list(sys.argv[1:] if argv is None else argv)
        debug = "--debug" in arguments
        try:
            main([each for each in arguments if each != "--debug"], **options)
        except SystemExit as end:
            if debug and end.__cause__ is not None:
                traceback.print_exception(end.__cause__)
            raise

    return main_with_debug
