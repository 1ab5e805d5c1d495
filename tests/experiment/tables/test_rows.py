"""Rows of the paper's tables."""

import dataclasses

import pytest

from crd_keras.experiment.distillation import Sources, make_distillation
from crd_keras.experiment.tables.listing import table_list
from crd_keras.experiment.tables.rows import TITLES, make_table
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
        for row in make_table(number, preset).run_rows:
            assert row.settings.image_size % row.settings.patch_size == 0
            small = dataclasses.replace(
                row.settings, vgg_weights="random", vgg_blocks=2
            )
            assert make_distillation(small, Sources(small, seed=0))

    @each_table
    def test_the_method_is_among_the_rows(self, number, preset):
        papers = {1: [46.61, 73.57], 2: [24.35]}.get(number, [46.61])
        methods = [row for row in make_table(number, preset).rows if row.is_method]
        assert [row.paper.fid for row in methods] == papers

    def test_what_is_not_run(self):
        names = [
            [row.paper.method for row in make_table(n, "paper").rows if not row.is_run]
            for n in TITLES
        ]
        systems = ["Co-Evolution", "GAN-Slimming", "AutoGAN-Distiller", "Wavelet KD"]
        systems += ["GAN-Compression", "Semantic Contrastive Learning", "DMAD", "CAT"]
        of_winter = ["Co-Evolution", "AutoGAN-Distiller", "DMAD"]
        assert names[0] == [*systems, "GCC", *of_winter]
        assert names[1:] == [["Wavelet KD", "DMAD"], *[[]] * 7]

    def test_values_of_the_paper(self):
        def values(number, setting):
            rows = make_table(number, "paper").run_rows
            return [getattr(row.settings, setting) for row in rows]

        generators = ["resnet", "mobile_resnet", "mobile_resnet"]
        assert values(1, "generator") == generators * 2
        assert values(2, "generator") == ["unet"] * 3
        channels = [f"omgd,channel={weight}" for weight in (500, 100, 10)]
        assert values(1, "distillation")[1::3] == channels[:2]
        assert values(2, "distillation")[1] == channels[2]
        for number in (3, 4, 5):
            filters = values(number, "teacher_filters")
            assert filters == [16] + [64] * (len(filters) - 1)
        assert values(3, "batch_size") == [1, 4, 8, 1]
        whole, *without = "row,column,patch", "row,column", "column,patch", "row,patch"
        assert values(4, "contents") == [whole, *without, whole]
        assert values(5, "patch_size") == [32, 16, 64, 32]
        online = "updating-freezing"
        assert values(6, "discriminator_regime") == [
            *(online, "updating", "none", "updating", online)
        ]
        assert values(7, "relation_weight") == [10, 50, 25]
        assert values(8, "angle_weight") == [0.5, 1, 2]
        assert values(9, "perceptual_weight") == [2, 3, 1]

    def test_teachers_alone_take_no_turns(self):
        """The published 20 (horse2zebra) and 34 turns, without those of a student."""
        tables = [make_table(number, "published") for number in (1, 2, 3)]
        rows = [row for table in tables for row in table.run_rows]
        alone = {
            (row.recipe, row.paper.method): (row.settings.schedule, row.settings.epochs)
            for row in rows
            if row.network == "teacher"
        }
        assert alone == {
            ("horse2zebra", "Original"): ("joint", 200),
            ("summer2winter", "Original"): ("joint", 204),
            ("edges2shoes", "Original"): ("joint", 200),
            ("horse2zebra", "Baseline (w/o KD)"): ("joint", 200),
        }
        # That of Pix2Pix is the teacher of the method's run.
        assert tables[1].rows[0].changes == {}

    def test_pretrained_discriminators_are_those_of_the_original(self):
        freezing, updating, *online = make_table(6, "quick").rows
        original = make_table(1, "quick").rows[0]
        assert original.changes == {"generator": "resnet"}
        assert freezing.pretrained == {"student_discriminator": original}
        assert updating.pretrained == {"discriminator_weights": original}
        assert [row.pretrained for row in online] == [{}] * 3

    def test_quick_patches_say_what_they_are(self):
        assert [row.name for row in make_table(5, "quick").rows[1:]] == [
            "Patch size 16x16 (here 8x8)",
            "Patch size 64x64 (here 32x32)",
            "Ours (patch size 32x32) (here 16x16)",
        ]


class TestList:
    def test_comparison(self):
        title, headings, *lines = table_list(make_table(2, "paper")).splitlines()
        assert title == "Table 2: Pix2Pix: comparison on edges2shoes (preset paper)"
        columns = ["paper's " + x for x in ("FID", "difference", "MACs", "parameters")]
        assert headings.split("  ")[-1] == "change"
        assert all(column in headings for column in columns)
        cells = [[x.strip() for x in line.split("  ") if x] for line in lines[:5]]
        assert cells == [
            ["Original", "34.31", "18.6 G (1x)", "54.4 M (1x)", "the teacher's score"],
            [
                *("Wavelet KD", "80.13", "-45.82", "1.56 G (11.92x)", "13.61 M (4x)"),
                "not run here",
            ],
            [
                *("DMAD", "46.95", "-12.64", "2.99 G (6.2x)", "2.13 M (25.5x)"),
                "not run here",
            ],
            [
                *("OMGD (here its losses) \N{DAGGER}", "25.00", "+9.41"),
                *("1.219 G (15.3x)", "3.404 M (16x)"),
                "distillation=omgd,channel=10, discriminator_regime=none",
            ],
            ["CRD (Ours)", "24.35", "+9.96", "1.219 G (15.3x)", "3.404 M (16x)", "-"],
        ]
        assert lines[5:] == [
            "\N{DAGGER} OMGD (here its losses): the paper prints a difference of 9.41; "
            "34.31 - 25.00 is 9.31."
        ]

    def test_ablation(self):
        assert table_list(make_table(6, "quick")).splitlines()[2:4] == [
            "Pre-trained (freezing)          69.48        "
            "student_discriminator=discriminator of horse2zebra: Original",
            "Pre-trained (updating)          70.41        "
            "discriminator_regime=updating, "
            "discriminator_weights=discriminator of horse2zebra: Original",
        ]
