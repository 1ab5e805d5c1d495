"""Runs of tables: their command lines, their processes, their folders."""

import dataclasses
import os
import pathlib
import sys
import threading
import time

import pytest
from absl import flags

from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import define_flags, settings_from_flags
from crd_keras.experiment.tables import runs as table_runs
from crd_keras.experiment.tables.runs import (
    command,
    only_one,
    run_recipe,
    write_students,
)
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock
from crd_keras.utils.interruption import Interruption
from tests.experiment.tables.fakes import each_table, finish, plan_of

pytestmark = pytest.mark.any_backend

BASE, PRETRAINED = "Online (w/o discriminator)", "Pre-trained (updating)"


@each_table
def test_command_gives_the_settings(number, preset, tmp_path):
    for run in plan_of(tmp_path, number, preset=preset, seeds=(3,)).runs:
        *_, train, recipe = command(run)[:5]
        arguments = command(run)[5:]
        values = flags.FlagValues()
        define_flags(Settings, values)
        flags.DEFINE_string("preset", None, "", flag_values=values)
        values([train, *arguments])
        preset_settings = RECIPES[run.recipe][values["preset"].value]
        assert settings_from_flags(preset_settings, values) == run.settings
        assert (train, recipe) == ("train", run.recipe)


class TestProcesses:
    """With a recipe that only writes down how it was called."""

    @pytest.fixture
    def runs(self, tmp_path, monkeypatch):
        program = tmp_path / "program.py"
        monkeypatch.setattr(table_runs, "_TRAIN", [sys.executable, str(program)])
        program.write_text(
            "import pathlib, sys\n"
            "pathlib.Path('called').write_text(' '.join(sys.argv[1:]))\n"
            "file, = (x[11:] for x in sys.argv if x.startswith('--students='))\n"
            "pathlib.Path('students').write_text(pathlib.Path(file).read_text())\n"
            "sys.exit('--seed=1' in sys.argv)\n"
        )
        monkeypatch.chdir(tmp_path)
        plan = plan_of(tmp_path / "tables", 6, seeds=(0, 1))
        for run in plan.runs:
            if not run.rows:
                # Others begin with its discriminator.
                finish(run)
        return {key: cell.run for key, cell in plan.cells[6].items()}

    def test_a_cut_run_is_resumed_with_its_students(self, runs, tmp_path):
        run = runs[BASE, 0]
        run.folder.mkdir(parents=True)
        (run.folder / ".mine").touch()
        run_recipe(run, Interruption(str))
        assert "--resume" not in (tmp_path / "called").read_text()
        assert (tmp_path / "students").read_text() == (
            '["pretrained"]\nstudent_discriminator = '
            '"horse2zebra-generator-resnet-seed0/discriminator.keras"\n\n'
            '["adversarial-weight-0.0"]\nadversarial_weight = 0.0\n\n["base"]\n'
        )
        # It has begun nothing, so it may yet have others.
        assert not run.students_file.exists()
        assert (run.folder / ".mine").exists()
        (run.folder / "run.json").touch()
        run.students_file.write_text("[as-before]")
        run_recipe(run, Interruption(str))
        assert "--resume=True" in (tmp_path / "called").read_text().split()
        assert run.students_file.read_text() == "[as-before]"

    def test_failures(self, runs):
        with pytest.raises(RuntimeError, match="exit status 1"):
            run_recipe(runs[BASE, 1], Interruption(str))
        updating, freezing = runs[PRETRAINED, 0], runs[BASE, 0]
        pathlib.Path(updating.settings.discriminator_weights).unlink()
        for run in (updating, freezing):
            with pytest.raises(RuntimeError, match="no .*that run must finish first"):
                run_recipe(run, Interruption(str))

    def test_waits_for_a_recipe_that_outlived_its_table(self, runs, tmp_path, capsys):
        run = runs[BASE, 0]
        run.folder.mkdir(parents=True)
        has_begun = threading.Event()

        def recipe():
            with only_one(run.folder):
                has_begun.set()
                time.sleep(0.3)
                (run.folder / "results.json").touch()

        thread = threading.Thread(target=recipe)
        thread.start()
        assert has_begun.wait(timeout=10)
        run_recipe(run, Interruption(str))
        assert (run.folder / "results.json").exists()
        assert not (tmp_path / "called").exists()
        thread.join()
        waiting = f"Waiting: {run.folder} is in use by process {os.getpid()} on "
        assert waiting in capsys.readouterr()[0]

    def test_one_table_at_a_time(self, tmp_path):
        with only_one(tmp_path), pytest.raises(FolderInUseError):
            FolderLock(tmp_path).acquire()
        with only_one(tmp_path):
            pass


def test_a_moved_folder_goes_on(tmp_path):
    """Also the row that begins with another row's discriminator."""

    def cut(folder, **changes):
        run = plan_of(folder, 6).cells[6][PRETRAINED, 0].run
        if not run.students_file.exists():
            write_students(run)
        settings = dataclasses.replace(run.settings, **changes)
        with RunFolder(settings.output_dir, settings) as run_folder:
            run_folder.write_record({})

    folder = tmp_path / "tables"
    finish(plan_of(folder, 6).runs[0])
    cut(folder)
    folder.rename(tmp_path / "moved")
    cut(tmp_path / "moved", resume=True)
