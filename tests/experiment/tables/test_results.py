"""The numbers of tables: means, spreads, paired differences."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import mean_and_spread, table_results
from crd_keras.experiment.tables.rows import make_table
from tests.experiment.tables.fakes import finish, plan_of

pytestmark = pytest.mark.any_backend


class TestResults:
    @pytest.fixture
    def results(self, tmp_path):
        """Seeds 0 and 1 of one teacher each, and 2, whose run is not finished."""
        plan = plan_of(tmp_path, 8, seeds=(0, 1, 2))
        names = ("angle-weight-0.5", "angle-weight-1.0", "base")
        for seed, scores in {0: (40.0, 49.0, 60.0), 1: (44.0, 51.0, 66.0)}.items():
            run = plan.cells[8]["1", seed].run
            finish(run, dict(zip(names, scores, strict=True)))
        return table_results(make_table(8, "quick"), plan)

    def test_mean_and_spread(self):
        received = mean_and_spread({0: 1.0, 2: 2.0, 3: 6.0})
        assert received["mean"] == 3.0
        assert received["std"] == pytest.approx(np.std([1, 2, 6], ddof=1))
        assert received["by_seed"] == {"0": 1.0, "2": 2.0, "3": 6.0}
        assert mean_and_spread({5: 4.0})["std"] is None

    def test_json(self, results):
        assert json.loads(json.dumps(results)) == results
        assert (results["table"], results["seeds"]) == (8, [0, 1, 2])
        first, _, last = results["rows"]
        assert first["changes"] == {"angle_weight": 0.5}
        assert list(first["scores"]) == ["swd", "kid"]
        assert first["scores"]["swd"]["mean"] == 42.0
        assert first["scores"]["swd"]["std"] == pytest.approx(8**0.5)
        assert first["teacher"]["mean"] == 20.5
        assert (last["paper"]["fid"], first["paper"]["fid"]) == (46.61, 58.67)
        assert last["scores"]["swd"]["by_seed"] == {"0": 60.0, "1": 66.0}
        assert last["runs"]["1"] == "horse2zebra-seed1"

    def test_paired_differences(self, results):
        first, middle, last = results["rows"]
        assert last["compared_with"] is None and last["differences"] == {}
        for row, differences in ((first, [-20.0, -22.0]), (middle, [-11.0, -15.0])):
            assert row["compared_with"] == "Ours (2)" and row["same_run"]
            received = row["differences"]["swd"]
            assert received["mean"] == np.mean(differences)
            assert received["std"] == pytest.approx(np.std(differences, ddof=1))
            assert list(received["by_seed"].values()) == differences
            assert row["differences"]["kid"]["mean"] == 0.0

    def test_differences_of_recipes_and_of_other_teachers(self, tmp_path):
        """Of one seed; each recipe has a whole method of its own."""
        plan = plan_of(tmp_path, 1, 2)
        for run in plan.runs:
            finish(run, 30.0)
        rows = table_results(make_table(2, "quick"), plan)["rows"]
        assert rows[0]["compared_with"] == "CRD (Ours)"
        expected = {"mean": -10.0, "std": None, "by_seed": {"0": -10.0}}
        assert rows[0]["differences"]["mae"] == expected
        assert rows[0]["same_run"]
        results = table_results(make_table(1, "quick"), plan)
        rows = {row["name"]: row for row in results["rows"]}
        original = rows["horse2zebra: Original"]
        assert original["differences"]["swd"]["mean"] == -10.0
        # CycleGAN's original has another generator.
        assert not original["same_run"]
        numbers = "61.53 |  | 56.8 G (1x) | 11.3 M (1x) |"
        for line in (
            "| horse2zebra: Original | generator=resnet, the teacher's score | 1 | 20 "
            f"| 2 | -10 * | 20 | {numbers}",
            "| horse2zebra: GAN-Slimming \N{DAGGER} | - | not run here |  |  |  |  "
            "| 86.09 | -24.56 | 11.25 G (23.6x) |  |",
            "| summer2winter: CRD (Ours) | - | 1 | 30 | 3 |  | 20 | 73.57 | +5.55 "
            "| 1.408 G (40.3x) | 0.137 M (82.5x) |",
            "- \N{DAGGER} horse2zebra: GAN-Slimming: the paper prints 23.6x for 11.25 "
            "G; 56.80 / 11.25 is 5.0.",
        ):
            assert line in table_markdown(results)

    def test_rows_that_are_left_out(self, tmp_path):
        plan = plan_of(tmp_path, 6, max_teachers=2)
        for run in plan.runs:
            finish(run, 30.0)
        results = table_results(make_table(6, "quick"), plan)
        why = "left out: needs a teacher of its own; --max_teachers=2"
        assert [row["not_run"] for row in results["rows"]] == [
            None,
            why,
            None,
            why,
            None,
        ]
        text = table_markdown(results)
        assert (
            "| Online (always updating) | discriminator_regime=updating "
            f"| {why} |  |  |  |  | 58.02 |" in text
        )
        assert "over the seeds 0." in text and "Freezing: the student is shown" in text
        with Image.open(io.BytesIO(table_png(results))) as picture:
            assert picture.format == "PNG"

    def test_markdown(self, results):
        text = table_markdown(results)
        balances = ("0.5 | angle_weight=0.5", "1 | angle_weight=1.0", "Ours (2) | -")
        numbers = (
            "42 ± 2.8 | 3 ± 0 | -21 ± 1.4 | 20.5 ± 0.71 | 58.67 |",
            "50 ± 1.4 | 3 ± 0 | -13 ± 2.8 | 20.5 ± 0.71 | 52.63 |",
            "63 ± 4.2 | 3 ± 0 |  | 20.5 ± 0.71 | 46.61 |",
        )
        assert text.splitlines()[:7] == [
            "# Table 8: Balance of angles to distances",
            "",
            "|  | change | runs | swd | kid | difference | teacher | paper's FID |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(
                f"| {balance} | 2 | {row}"
                for balance, row in zip(balances, numbers, strict=True)
            ),
        ]
        for note in (
            "Drawn animals.",
            "4 epochs at 64 x 64 pixels, batch 4",
            "swd (lower is better)",
            "over the seeds 0, 1, 2",
            "Untranslated input: 90 ± 0",
            "another measure, on other data",
            "How it was measured.",
        ):
            assert note in text

    def test_picture(self, results, tmp_path):
        nothing = table_results(
            make_table(1, "paper"), plan_of(tmp_path / "t", 1, preset="paper")
        )
        for each in (results, nothing):
            with Image.open(io.BytesIO(table_png(each))) as picture:
                assert picture.format == "PNG" and picture.width > 1000
        assert "| summer2winter: CRD (Ours) | - | 0 |" in table_markdown(nothing)
