"""Tables with at most so many teachers."""

import pytest

from crd_keras.experiment.tables.rows import TITLES
from tests.experiment.tables.fakes import finish, plan_of

pytestmark = pytest.mark.any_backend

ORIGINAL = "horse2zebra-generator-resnet-seed0"
BASE = "horse2zebra-seed0"
BASELINE = "horse2zebra-teacher-filters-8-seed0"
UPDATING = "horse2zebra-discriminator-regime-updating-seed0"
PRETRAINED = "horse2zebra-discriminator-regime-updating-pretrained-seed0"


def names(plan):
    return [run.name for run in plan.runs]


def test_quick_tables_take_four_teachers_a_seed(tmp_path):
    plan = plan_of(tmp_path, *TITLES, seeds=(0, 1), max_teachers=4)
    of_first_seed = [ORIGINAL, BASE, "edges2shoes-seed0", BASELINE]
    assert names(plan)[:4] == of_first_seed
    assert names(plan)[4:] == [x.replace("seed0", "seed1") for x in of_first_seed]
    assert plan.left_out == (
        (3, "Instance level (batch size 8)"),
        (6, "Pre-trained (updating)"),
        (6, "Online (always updating)"),
    )
    assert plan.describe().splitlines()[-3:] == [
        "  left out: needs a teacher of its own; --max_teachers=4",
        "    table 3: Instance level (batch size 8)",
        "    table 6: Pre-trained (updating); Online (always updating)",
    ]


@pytest.mark.parametrize(
    ("max_teachers", "runs", "left_out"),
    [
        (4, [ORIGINAL, BASE, PRETRAINED, UPDATING], []),
        # The original has no row in this table: it comes with those that need it.
        (2, [ORIGINAL, BASE], ["Pre-trained (updating)", "Online (always updating)"]),
        # Without the rows that need the original.
        (
            1,
            [BASE],
            [
                *("Pre-trained (freezing)", "Pre-trained (updating)"),
                "Online (always updating)",
            ],
        ),
    ],
)
def test_what_others_need_comes_with_them(tmp_path, max_teachers, runs, left_out):
    plan = plan_of(tmp_path, 6, max_teachers=max_teachers)
    assert names(plan) == runs
    assert [name for _, name in plan.left_out] == left_out


def test_what_is_finished_comes_first(tmp_path):
    """And leaves no room for more, so that the same command again trains nothing."""
    cells = plan_of(tmp_path, 6).cells[6]
    finish(cells["Online (always updating)", 0].run)
    plan = plan_of(tmp_path, 6, max_teachers=1)
    assert names(plan) == [UPDATING]
    for run in plan_of(tmp_path, 6, max_teachers=3).runs:
        if not run.is_finished:
            finish(run)
    plan = plan_of(tmp_path, 6, max_teachers=3)
    assert [run.is_finished for run in plan.runs] == [True] * 3
