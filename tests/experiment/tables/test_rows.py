"""Rows of the paper's tables."""

import dataclasses

import pytest

from crd_keras.experiment.distillation import Sources, make_distillation
from crd_keras.experiment.tables.rows import make_table
from tests.experiment.tables.fakes import each_table

pytestmark = pytest.mark.any_backend


class TestRows:
    @each_table
    def test_a_row_is_the_base_with_its_change(self, number, preset):
        rows = make_table(number, preset).rows
        assert len({row.name for row in rows}) == len(rows)
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
