"""The numbers of tables: means, spreads, paired differences."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from crd_keras.experiment.networks import make_generator
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.tables.costs import cost_markdown, cost_png, cost_results
from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.plan import planned_runs
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import mean_and_spread, table_results
from crd_keras.experiment.tables.rows import make_table
from tests.experiment.tables.fakes import finish, plan_of

pytestmark = pytest.mark.any_backend


class TestResults:
    @pytest.fixture
    def results(self, tmp_path):
        """Seeds 0 and 1 of one teacher each, and 2, whose run is not finished."""
        cells = plan_of(tmp_path, 8, seeds=(0, 1, 2))[8]
        names = ("angle-weight-0.5", "angle-weight-1.0", "base")
        for seed, scores in {0: (40.0, 49.0, 60.0), 1: (44.0, 51.0, 66.0)}.items():
            finish(cells["balance 1", seed].run, dict(zip(names, scores, strict=True)))
        return table_results(make_table(8, "quick"), cells)

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
        assert last["paper_fid"] == 46.61 and first["paper_fid"] is None
        assert last["scores"]["swd"]["by_seed"] == {"0": 60.0, "1": 66.0}
        assert last["runs"]["1"] == "horse2zebra-seed1"

    def test_paired_differences(self, results):
        first, middle, last = results["rows"]
        assert first["compared_with"] is None and first["differences"] == {}
        for row, differences in ((middle, [9.0, 7.0]), (last, [20.0, 22.0])):
            assert row["compared_with"] == "balance 0.5" and row["same_run"]
            received = row["differences"]["swd"]
            assert received["mean"] == np.mean(differences)
            assert received["std"] == pytest.approx(np.std(differences, ddof=1))
            assert list(received["by_seed"].values()) == differences
            assert row["differences"]["kid"]["mean"] == 0.0

    def test_differences_of_recipes_and_of_other_teachers(self, tmp_path):
        """Of one seed; each recipe has a first row of its own."""
        cells = plan_of(tmp_path, 1)
        for run in planned_runs(cells):
            finish(run, 30.0)
        rows = table_results(make_table(1, "quick"), cells[1])["rows"]
        crd = {row["recipe"]: row for row in rows if row["name"].endswith("CRD")}
        assert crd["edges2shoes"]["compared_with"] == "edges2shoes: original"
        expected = {"mean": 10.0, "std": None, "by_seed": {"0": 10.0}}
        assert crd["edges2shoes"]["differences"]["mae"] == expected
        assert crd["edges2shoes"]["same_run"]
        assert crd["horse2zebra"]["differences"]["swd"]["mean"] == 10.0
        # CycleGAN's original has another generator.
        assert not crd["horse2zebra"]["same_run"]
        text = table_markdown(table_results(make_table(1, "quick"), cells[1]))
        assert "| horse2zebra: CRD | - | 1 | 30 |  | 3 | +10 * | 20 | 46.61 |" in text
        assert "| edges2shoes: CRD | - | 1 |  | 30 | 3 | +10 | 20 | 24.35 |" in text

    def test_markdown(self, results):
        text = table_markdown(results)
        balances = ("0.5 | angle_weight=0.5", "1 | angle_weight=1.0", "2 | -")
        numbers = (
            "42 ± 2.8 | 3 ± 0 |  | 20.5 ± 0.71 |  |",
            "50 ± 1.4 | 3 ± 0 | +8 ± 1.4 | 20.5 ± 0.71 |  |",
            "63 ± 4.2 | 3 ± 0 | +21 ± 1.4 | 20.5 ± 0.71 | 46.61 |",
        )
        assert text.splitlines()[:7] == [
            "# Table 8: Balance of angles to distances",
            "",
            "|  | change | runs | swd | kid | difference | teacher | paper's FID |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(
                f"| balance {balance} | 2 | {row}"
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
            make_table(1, "paper"), plan_of(tmp_path / "t", 1, preset="paper")[1]
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
