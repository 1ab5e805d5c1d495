"""Flags of `crd train`: their help, their choices and `--debug`."""

import re
import subprocess
import sys

import keras
import pytest
from absl import flags

from crd_keras.commands import tables, train
from crd_keras.data import tfds, tfds_paired
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings, grouped_fields
from crd_keras.experiment.settings_flags import argument_as_flag, define_flags

pytestmark = pytest.mark.any_backend


def help_of(main, capsys, *arguments, **options):
    main(list(arguments), **options)
    shown = capsys.readouterr().out
    assert "--debug shows the traceback" in shown
    return " ".join(shown.split())


def test_help_lists_the_recipes(capsys):
    shown = help_of(train.main, capsys, "--help")
    for recipe, presets in RECIPES.items():
        default = next(iter(presets.values()))
        assert f"{recipe} {default.dataset}; presets {', '.join(presets)}" in shown


@pytest.mark.parametrize(
    ("preset", "epochs", "metric"), [([], 100, "fid"), (["--preset=quick"], 18, "swd")]
)
@pytest.mark.parametrize("flag", ["--help", "-h", "--helpfull"])
def test_help_groups_flags_with_defaults(preset, epochs, metric, flag, capsys):
    shown = help_of(train.main, capsys, *preset, flag, recipe="horse2zebra")
    groups = "Data Networks Training Losses Evaluation Students Output".split()
    assert list(grouped_fields()) == groups
    places = [shown.index(f" {group}: --") for group in groups]
    assert places == sorted(places)
    for name in Settings.__dataclass_fields__:
        assert shown.count(f" --{name} ") >= 1
    assert places[2] < shown.index("--epochs N Passes") < places[3]
    assert re.search(rf"--epochs N Passes [^-]*--[^-]* Default: {epochs} ", shown)
    metrics = "{fid,kid,swd,mae,psnr,ssim}"
    assert re.search(rf"--metric {metrics} [^{{]* Default: {metric} ", shown)
    assert "--resume Go on" in shown


def test_help_of_tables(capsys):
    shown = help_of(tables.main, capsys, "--help")
    assert "2 Pix2Pix: comparison on edges2shoes 3 Level of the relations" in shown
    assert "--preset {paper,published,quick} Where the settings start from." in shown
    assert "--seeds N,N A run of each row for each of them. Default: 0,1" in shown


def test_flags_refuse_what_is_no_choice():
    chosen = {
        field.name: field.metadata["choices"]
        for fields in grouped_fields().values()
        for field in fields
        if field.metadata["choices"]
    }
    assert len(chosen) == 16
    for name, choices in chosen.items():
        values = flags.FlagValues()
        define_flags(Settings, values)
        values(["train", f"--{name}={choices[-1]}"])
        assert values[name].value == choices[-1]
        listed = re.escape("|".join(choices))
        with pytest.raises(flags.IllegalFlagValueError, match=f"one of <{listed}>"):
            values(["train", f"--{name}=other"])


@pytest.mark.parametrize("hint", [tfds.HINT, tfds_paired.HINT])
def test_advice_of_the_library_becomes_flags(hint):
    assert "--" not in hint and "_source(" in hint
    shown = argument_as_flag(f"`devices` is wrong. {hint}")
    assert shown.startswith("`--devices` is wrong. Use `--data_dir=FOLDER`, a folder")
    assert "or `--preset=quick`, the built-in sample." in shown
    assert "_source(" not in shown
    assert argument_as_flag('set `on_corrupt="skip"`') == "set `--on_corrupt=skip`"
    assert argument_as_flag("`size=3` is none") == "`size=3` is none"


@pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="It is the same on each backend."
)
def test_debug_shows_the_traceback_of_a_wrong_setting(tmp_path, importing_environment):
    program = "import sys; from crd_keras.commands.train import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "horse2zebra", "--epochs=0", "--debug"],
        cwd=tmp_path,
        env=importing_environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert "Traceback (most recent call last):" in lines
    assert "ValueError: `--epochs` must be at least 1. Received: 0" in lines
    assert lines[-1] == "horse2zebra: `--epochs` must be at least 1. Received: 0"
