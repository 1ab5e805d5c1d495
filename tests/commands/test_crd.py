"""`crd`: which command it runs, and how that command calls itself."""

import sys

import pytest

import crd_keras_command
from crd_keras.commands import convert

pytestmark = pytest.mark.any_backend


def test_help_names_each_command(capsys):
    crd_keras_command.main([])
    shown = capsys.readouterr().out
    for name, what in crd_keras_command.COMMANDS.items():
        assert f"  {name:<12}{what}\n" in shown


def test_an_unknown_command():
    with pytest.raises(SystemExit, match="crd: the command must be .*Received: trian"):
        crd_keras_command.main(["trian"])


def test_usage_begins_with_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["__main__.py"])
    monkeypatch.setattr(
        convert, "main", lambda argv: convert._parser().parse_args(argv)
    )
    with pytest.raises(SystemExit):
        crd_keras_command.main(["convert", "--help"])
    assert capsys.readouterr().out.startswith("usage: crd convert ")
