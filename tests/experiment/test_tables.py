"""The paper's tables: their rows, their runs and their numbers, without training."""

import dataclasses
import io
import json
import os
import sys
import threading
import time

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver
from PIL import Image

from crd_keras.commands import tables
from crd_keras.experiment.distillation import Sources, make_distillation
from crd_keras.experiment.networks import make_generator
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import define_flags, settings_from_flags
from crd_keras.experiment.tables import runs as table_runs
from crd_keras.experiment.tables.costs import cost_markdown, cost_png, cost_results
from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import mean_and_spread, table_results
from crd_keras.experiment.tables.rows import make_table
from crd_keras.experiment.tables.runs import command, only_one, plan, run_recipe
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock
from crd_keras.utils.interruption import Interruption

pytestmark = pytest.mark.any_backend

TRAINED = (1, 3, 4, 5, 6, 7, 8, 9)
each_table = pytest.mark.parametrize(
    ("number", "preset"), [(n, p) for n in TRAINED for p in ("paper", "quick")]
)


def finish(run, score=1.0):
    """Leaves what a finished run leaves."""
    run.folder.mkdir(parents=True)
    record = {"settings": dataclasses.asdict(run.settings)}
    (run.folder / "run.json").write_text(json.dumps(record))
    (run.folder / "discriminator.keras").touch()
    metric = run.settings.metric
    scores = {
        "untranslated input": {metric: 90.0, "kid": 9.0},
        "teacher": {metric: score / 2, "kid": 2.0},
        "student": {metric: score, "kid": 3.0},
    }
    results = {
        "label": "Drawn animals.",
        "metric": metric,
        "higher_is_better": [],
        "metrics": scores,
        "protocol": ["How it was measured."],
    }
    (run.folder / "results.json").write_text(json.dumps(results))


class TestRows:
    @each_table
    def test_a_row_is_the_base_with_its_change(self, number, preset):
        rows = make_table(number, preset).rows
        assert len({row.slug for row in rows}) == len(rows)
        for row in rows:
            settings = dataclasses.asdict(row.settings)
            base = dataclasses.asdict(row.base)
            differing = {k: v for k, v in settings.items() if v != base[k]}
            assert differing == row.changes
            assert row.base == rows[0].base or number == 1

    @each_table
    def test_settings_are_valid(self, number, preset):
        for row in make_table(number, preset).rows:
            assert row.settings.image_size % row.settings.patch_size == 0
            small = dataclasses.replace(
                row.settings, vgg_weights="random", vgg_blocks=2
            )
            losses = make_distillation(small, Sources(small, seed=0))
            assert bool(losses) == (row.settings.distillation != "none")

    @each_table
    def test_the_base_is_among_the_rows(self, number, preset):
        """And has the paper's number of the whole method on that data set."""
        papers = {"horse2zebra": 46.61, "summer2winter": 73.57, "edges2shoes": 24.35}
        received = {
            row.recipe: row.paper
            for row in make_table(number, preset).rows
            if not row.changes
            and row.discriminator_of is None
            and row.network == "student"
        }
        recipes = papers if number == 1 else ["horse2zebra"]
        assert received == {name: papers[name] for name in recipes}

    def test_values_of_the_paper(self):
        def values(number, setting):
            rows = make_table(number, "paper").rows
            return [getattr(row.settings, setting) for row in rows]

        assert values(3, "batch_size") == [1, 4, 8, 1]
        assert values(5, "patch_size") == [16, 32, 64]
        assert values(7, "relation_weight") == [10, 25, 50]
        assert values(8, "angle_weight") == [0.5, 1, 2]
        assert values(9, "perceptual_weight") == [1, 2, 3]
        regimes = ["none", "updating", "updating-freezing"]
        assert values(6, "discriminator_regime") == [*regimes, *regimes[1:]]
        assert [row.paper for row in make_table(1, "paper").rows] == [
            *(61.53, 96.72, 51.92, 46.61),
            *(79.12, None, 73.79, 73.57),
            *(34.31, None, 25.00, 24.35),
        ]

    def test_quick_patches_say_what_they_stand_for(self):
        rows = make_table(5, "quick").rows
        assert [row.name for row in rows] == [
            "8 pixels for the paper's 16",
            "16 pixels for the paper's 32",
            "32 pixels for the paper's 64",
        ]


class TestRuns:
    @each_table
    def test_command_gives_the_settings(self, number, preset, tmp_path):
        runs = plan(make_table(number, preset), [3], tmp_path)
        for run in runs.values():
            *_, train, recipe = command(run)[:5]
            arguments = command(run)[5:]
            values = flags.FlagValues()
            define_flags(Settings, values)
            flags.DEFINE_string("preset", None, "", flag_values=values)
            values([train, *arguments])
            preset_settings = RECIPES[run.row.recipe][values["preset"].value]
            assert settings_from_flags(preset_settings, values) == run.settings
            assert (train, recipe) == ("train", run.row.recipe)

    def test_pretrained_rows_share_the_discriminator_of_their_seed(self, tmp_path):
        runs = plan(make_table(6, "quick"), [0, 1], tmp_path)
        for seed in (0, 1):
            expected = runs["updating-freezing", seed].folder / "discriminator.keras"
            for name in ("updating", "updating-freezing"):
                settings = runs[f"{name}, pretrained", seed].settings
                assert settings.discriminator_weights == str(expected)
                assert settings.seed == seed
        names = [name for name, seed in runs if seed == 0]
        assert names.index("updating-freezing") < names.index("updating, pretrained")

    def test_equal_settings_are_run_once(self, tmp_path):
        runs = plan(make_table(1, "quick"), [0], tmp_path)
        assert len(runs) == 12
        # The quick summer2winter is horse2zebra's, and the original of Pix2Pix is
        # the teacher of the student beside it.
        assert len(set(runs.values())) == 7
        assert len(set(plan(make_table(1, "paper"), [0], tmp_path).values())) == 11

    def test_only_what_is_missing_is_run_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(tables, "table_png", lambda results: b"")
        table, done = make_table(6, "quick"), []

        def run(each):
            if len(done) == 4:
                raise KeyboardInterrupt
            finish(each)
            done.append(each.name)

        with pytest.raises(KeyboardInterrupt):
            tables.run_table(table, [0, 1], tmp_path, run)
        assert (
            "| none | discriminator_regime=none | 1 |"
            in (tmp_path / "table6.md").read_text()
        )
        again = []

        def run_rest(each):
            finish(each)
            again.append(each.name)

        assert tables.run_table(table, [0, 1], tmp_path, run_rest) == []
        rows = [row.name for row in table.rows]
        expected = [f"{name}, seed {seed}" for seed in (0, 1) for name in rows]
        assert done == expected[:4] and again == expected[4:]

    def test_a_failing_run_does_not_stop_the_others(self, tmp_path, capsys):
        def run(each):
            if each.row.name == "without rows":
                raise RuntimeError("no memory")
            finish(each)

        failures = tables.run_table(make_table(4, "quick"), [0], tmp_path, run)
        assert failures == ["without rows, seed 0: no memory"]
        assert "[2/4] without rows, seed 0: failed: no memory" in capsys.readouterr()[0]
        rows = json.loads((tmp_path / "table4.json").read_text())["rows"]
        assert [bool(row["scores"]) for row in rows] == [True, False, True, True]

    def test_runs_of_other_settings_are_refused(self, tmp_path):
        table = make_table(7, "quick")
        finish(next(iter(plan(table, [0], tmp_path).values())))
        rows = tuple(
            dataclasses.replace(row, base=dataclasses.replace(row.base, epochs=1))
            for row in table.rows
        )
        other = dataclasses.replace(table, rows=rows)
        with pytest.raises(ValueError, match=r"weight-10.* epochs \(4, now 1\)"):
            plan(other, [0], tmp_path)


class TestProcesses:
    """With a recipe that only writes down how it was called."""

    @pytest.fixture
    def runs(self, tmp_path, monkeypatch):
        program = tmp_path / "program.py"
        monkeypatch.setattr(table_runs, "_TRAIN", [sys.executable, str(program)])
        program.write_text(
            "import os, pathlib, sys\n"
            "pathlib.Path('called').write_text(' '.join(sys.argv[1:]))\n"
            "sys.exit('--seed=1' in sys.argv)\n"
        )
        monkeypatch.chdir(tmp_path)
        return plan(make_table(6, "quick"), [0, 1], tmp_path / "table6")

    def test_a_cut_run_is_resumed(self, runs, tmp_path):
        run = runs["none", 0]
        run.folder.mkdir(parents=True)
        (run.folder / ".mine").touch()
        run_recipe(run, Interruption(str))
        assert "--resume" not in (tmp_path / "called").read_text()
        assert (run.folder / ".mine").exists()
        (run.folder / "run.json").touch()
        run_recipe(run, Interruption(str))
        assert "--resume=True" in (tmp_path / "called").read_text().split()

    def test_failures(self, runs):
        with pytest.raises(RuntimeError, match="exit status 1"):
            run_recipe(runs["none", 1], Interruption(str))
        with pytest.raises(RuntimeError, match="no .*that run must finish first"):
            run_recipe(runs["updating, pretrained", 0], Interruption(str))

    def test_waits_for_a_recipe_that_outlived_its_table(self, runs, tmp_path, capsys):
        run = runs["none", 0]
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
    table = make_table(6, "quick")

    def cut(folder, **changes):
        runs = plan(table, [0], folder)
        run = runs["updating, pretrained", 0]
        settings = dataclasses.replace(run.settings, **changes)
        with RunFolder(settings.output_dir, settings) as run_folder:
            run_folder.write_record({})

    folder = tmp_path / "tables" / "table6"
    finish(plan(table, [0], folder)["updating-freezing", 0])
    cut(folder)
    (tmp_path / "tables").rename(tmp_path / "moved")
    cut(tmp_path / "moved" / "table6", resume=True)


def test_a_damaged_record_is_refused(tmp_path):
    table = make_table(7, "quick")
    run = next(iter(plan(table, [0], tmp_path).values()))
    finish(run)
    (run.folder / "run.json").write_text("")
    with pytest.raises(ValueError, match="run.json .*Received: an empty file"):
        plan(table, [0], tmp_path)


class TestResults:
    @pytest.fixture
    def results(self, tmp_path):
        """Seeds 0 and 1, the second without its last row."""
        table = make_table(8, "quick")
        runs = plan(table, [0, 1], tmp_path / "table8")
        scores = iter([40.0, 49.0, 60.0, 44.0, 51.0])
        for (name, seed), run in runs.items():
            if (name, seed) != ("balance 2", 1):
                finish(run, next(scores))
        return table_results(table, runs)

    def test_mean_and_spread(self):
        received = mean_and_spread({0: 1.0, 2: 2.0, 3: 6.0})
        assert received["mean"] == 3.0
        assert received["std"] == pytest.approx(np.std([1, 2, 6], ddof=1))
        assert received["by_seed"] == {"0": 1.0, "2": 2.0, "3": 6.0}
        assert mean_and_spread({5: 4.0})["std"] is None

    def test_json(self, results):
        assert json.loads(json.dumps(results)) == results
        assert (results["table"], results["seeds"]) == (8, [0, 1])
        first, _, last = results["rows"]
        assert first["changes"] == {"angle_weight": 0.5}
        assert list(first["scores"]) == ["swd", "kid"]
        assert first["scores"]["swd"]["mean"] == 42.0
        assert first["scores"]["swd"]["std"] == pytest.approx(8**0.5)
        assert first["teacher"]["mean"] == 21.0
        assert last["paper_fid"] == 46.61 and first["paper_fid"] is None
        assert last["scores"]["swd"]["by_seed"] == {"0": 60.0}

    def test_markdown(self, results):
        text = table_markdown(results)
        assert text.splitlines()[:6] == [
            "# Table 8: Balance of angles to distances",
            "",
            "|  | change | runs | swd | kid | teacher | paper's FID |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            "| balance 0.5 | angle_weight=0.5 | 2 | 42 ± 2.8 | 3 ± 0 | 21 ± 1.4 |  |",
            "| balance 1 | angle_weight=1.0 | 2 | 50 ± 1.4 | 3 ± 0 | 25 ± 0.71 |  |",
        ]
        assert "| balance 2 | - | 1 | 60 | 3 | 30 | 46.61 |" in text
        for note in (
            "Drawn animals.",
            "4 epochs at 64 x 64 pixels, batch 4",
            "swd (lower is better)",
            "over the seeds 0, 1",
            "Untranslated input: 90 ± 0",
            "another measure, on other data",
            "How it was measured.",
        ):
            assert note in text

    def test_picture(self, results, tmp_path):
        nothing = table_results(
            make_table(1, "paper"), plan(make_table(1, "paper"), [0], tmp_path)
        )
        for each in (results, nothing):
            with Image.open(io.BytesIO(table_png(each))) as picture:
                assert picture.format == "PNG" and picture.width > 1000
        assert "| edges2shoes: CRD | - | 0 |" in table_markdown(nothing)


def test_costs():
    """Of the quick preset: the paper's networks are counted in other tests."""
    results = cost_results("quick")
    by_name = {row["name"]: row for row in results["rows"]}
    original, student = by_name["CycleGAN: original"], by_name["CycleGAN: student"]
    generator = make_generator(RECIPES["horse2zebra"]["quick"], 8)
    assert student["parameters"] == generator.count_params() == 19_459
    assert student["published_parameters"] is None
    ratio = original["parameters"] / student["parameters"]
    assert f"| 19,459 ({ratio:.1f}x) |" in cost_markdown(results)
    with Image.open(io.BytesIO(cost_png(results))) as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize("seeds", [[], ["a"], ["0", "0"], ["-1"]])
def test_bad_seeds(tmp_path, seeds):
    flags.FLAGS.mark_as_parsed()
    with (
        flagsaver.flagsaver(table=6, seeds=seeds, output_dir=str(tmp_path / "t")),
        pytest.raises(SystemExit, match="tables: `--seeds` must be .*Received"),
    ):
        tables.main([])
    assert not (tmp_path / "t").exists()
