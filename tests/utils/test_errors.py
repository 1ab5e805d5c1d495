"""Commands that end in one line, or without a word."""

import importlib
import os
import subprocess
import sys

import pytest

from crd_keras.utils import errors
from crd_keras.utils.errors import accepts_debug, one_line_errors

pytestmark = pytest.mark.any_backend

# The module by itself, as the package would import a backend.
_PROGRAM = """
import runpy, sys
one_line_errors = runpy.run_path(sys.argv[1])["one_line_errors"]

@one_line_errors("tool")
def main():
    for number in range(100_000):
        print(number)
    {last}

main()
"""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            ValueError("`--x` must be 1.\n\nReceived:  2"),
            "`--x` must be 1. Received: 2",
        ),
        (FileNotFoundError(2, "No such file", "x"), "[Errno 2] No such file: 'x'"),
        (RuntimeError(), "RuntimeError"),
        (MemoryError("Unable to allocate 335. GiB"), "Unable to allocate 335. GiB"),
    ],
)
def test_wrong_input_is_one_line(error, line):
    @one_line_errors("tool")
    def main():
        raise error

    for _ in range(2):
        with pytest.raises(SystemExit) as caught:
            main()
        assert str(caught.value) == f"tool: {line}"


def test_other_errors_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), one_line_errors("tool"):
        _ = 1 / 0


@pytest.mark.parametrize("from_command_line", [False, True])
def test_debug_shows_the_traceback_before_the_line(
    from_command_line, monkeypatch, capsys
):
    received = []

    @accepts_debug
    @one_line_errors("tool")
    def main(argv):
        received.append(argv)
        raise ValueError("`--x` must be 1")

    def end(arguments):
        monkeypatch.setattr(sys, "argv", ["tool", *arguments])
        with pytest.raises(SystemExit) as caught:
            main() if from_command_line else main(arguments)
        assert str(caught.value) == "tool: `--x` must be 1"
        return capsys.readouterr().err

    shown = end(["--x=2", "--debug", "y"])
    assert shown.startswith("Traceback (most recent call last):")
    assert shown.endswith("ValueError: `--x` must be 1\n")
    assert end(["--x=2", "y"]) == ""
    assert received == [["--x=2", "y"]] * 2


def test_debug_shows_nothing_of_what_is_no_error(capsys):
    @accepts_debug
    def main(argv):
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        main(["--debug"])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("last", ["pass", "sys.exit(0)"])
def test_closed_pipe_ends_quietly(last):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(last=last), errors.__file__],
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    os.read(reading, 10)
    os.close(reading)
    assert process.communicate()[1] == b""
    assert process.returncode == 141


def test_closed_pipe_of_few_lines():
    """What fits the buffer is found out to be unread only when it is flushed."""
    reading, writing = os.pipe()
    os.close(reading)
    program = _PROGRAM.format(last="pass").replace("100_000", "3")
    process = subprocess.run(
        [sys.executable, "-c", program, errors.__file__],
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, b"")


class _Closed:
    """A standard output whose reader has gone."""

    def __init__(self, file):
        self.fileno = file.fileno

    def write(self, text):
        return len(text)

    def flush(self):
        raise BrokenPipeError


@pytest.mark.parametrize(
    "tool",
    ["benchmark"]
    + [
        f"crd_keras.commands.{command}"
        for command in "complexity convert evaluate export translate web".split()
    ],
)
def test_closed_pipe_of_every_tool(tool, tmp_path, monkeypatch):
    main = importlib.import_module(tool).main
    with (tmp_path / "output").open("w") as file:
        monkeypatch.setattr(sys, "stdout", _Closed(file))
        with pytest.raises(SystemExit) as caught:
            main(["--help"])
    assert caught.value.code == 141
