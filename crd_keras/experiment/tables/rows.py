"""The tables of the paper: which settings each row changes."""

import dataclasses
from typing import Any

from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.tables.row import Row, Table

# FIDs that the paper reports, as far as they are known here. Its further tables could
# not be looked up: their cells stay empty but for the whole method's.
_PAPER = {
    "horse2zebra": {"ours": 46.61, "omgd": 51.92, "original": 61.53, "none": 96.72},
    "summer2winter": {"ours": 73.57, "omgd": 73.79, "original": 79.12},
    "edges2shoes": {"ours": 24.35, "omgd": 25.00, "original": 34.31},
}

# OMGD's weight of the channels.
_OMGD_CHANNEL = {"horse2zebra": 500, "summer2winter": 100, "edges2shoes": 10}

# Short runs, as there are many. Batches of four, as some rows compare the images of a
# batch.
_QUICK: dict[str, Any] = {
    "batch_size": 4,
    "schedule": "joint",
    "epochs": 4,
    "decay_epochs": 2,
    "evaluate_every": 1,
    "grid_every": 4,
}


def make_table(number: int, preset: str) -> Table:
    """Table 1 or 3 to 9 of the paper. (Table 2, the costs, needs no training.)

    Args:
        number: Its number.
        preset: `"paper"` or `"quick"`.
    """
    title, make_rows = _TABLES[number]
    return Table(number, title, preset, tuple(make_rows(preset)))


def _row(preset, name, changes=None, recipe="horse2zebra", paper=None, **arguments):
    base = RECIPES[recipe][preset]
    if preset == "quick":
        base = dataclasses.replace(base, **_QUICK)
    # A value that is the base's is no change.
    changes = {k: v for k, v in (changes or {}).items() if getattr(base, k) != v}
    if not changes and not arguments:
        paper = _PAPER[recipe]["ours"]
    return Row(
        name=name,
        recipe=recipe,
        preset=preset,
        base=base,
        changes=changes,
        paper=paper,
        **arguments,
    )


def _main_comparison(preset):
    for recipe, paper in _PAPER.items():
        of_pairs = RECIPES[recipe][preset].gan == "pix2pix"
        omgd = f"omgd,channel={_OMGD_CHANNEL[recipe]}"
        # CycleGAN's own generator; the Pix2Pix teacher's is the original already.
        original = {} if of_pairs else {"generator": "resnet"}
        for name, key, changes, network in (
            ("original", "original", original, "teacher"),
            ("no distillation", "none", {"distillation": "none"}, "student"),
            (
                "OMGD's losses",
                "omgd",
                {"distillation": omgd, "discriminator_regime": "none"},
                "student",
            ),
            ("CRD", "ours", {}, "student"),
        ):
            yield _row(
                preset,
                f"{recipe}: {name}",
                changes,
                recipe,
                paper=paper.get(key),
                network=network,
            )


def _relation_level(preset):
    none = _PAPER["horse2zebra"]["none"]
    yield _row(preset, "no distillation", {"distillation": "none"}, paper=none)
    for size in (4, 8):
        yield _row(
            preset,
            f"instance level, batch {size}",
            {"distillation": "instance_relation,perceptual", "batch_size": size},
        )
    yield _row(preset, "content level")


def _granularity(preset):
    yield _row(preset, "without patches", {"contents": "row,column"})
    yield _row(preset, "without rows", {"contents": "column,patch"})
    yield _row(preset, "without columns", {"contents": "row,patch"})
    yield _row(preset, "rows, columns and patches")


def _patch_size(preset):
    # The quick preset's images are smaller: 16 pixels stand for the paper's 32.
    base = RECIPES["horse2zebra"][preset].patch_size
    for papers, size in ((16, base // 2), (32, base), (64, base * 2)):
        name = f"{size} pixels"
        if size != papers:
            name += f" for the paper's {papers}"
        yield _row(preset, name, {"patch_size": size})


def _discriminator(preset):
    yield _row(preset, "none", {"discriminator_regime": "none"})
    yield _row(preset, "updating", {"discriminator_regime": "updating"})
    yield _row(preset, "updating-freezing")
    # That run's discriminator was trained with a teacher alone: it never saw what the
    # student makes.
    for regime in ("updating", "updating-freezing"):
        yield _row(
            preset,
            f"{regime}, pretrained",
            {"discriminator_regime": regime},
            discriminator_of="updating-freezing",
        )


def _values(setting, name, *values):
    """A row for each value of one setting."""

    def rows(preset):
        for value in values:
            yield _row(preset, f"{name} {value:g}", {setting: value})

    return rows


_TABLES = {
    1: ("Main comparison", _main_comparison),
    3: ("Level of the relations", _relation_level),
    4: ("Granularity of the contents", _granularity),
    5: ("Size of the patches", _patch_size),
    6: ("Regime of the discriminator", _discriminator),
    7: (
        "Weight of the relations",
        _values("relation_weight", "weight", 10.0, 25.0, 50.0),
    ),
    8: (
        "Balance of angles to distances",
        _values("angle_weight", "balance", 0.5, 1.0, 2.0),
    ),
    9: (
        "Weight of the perceptual loss",
        _values("perceptual_weight", "weight", 1.0, 2.0, 3.0),
    ),
}

# The number of the table that has no rows of settings.
COSTS = 2
_TITLES = {COSTS: "Cost of the generators"} | {n: t for n, (t, _) in _TABLES.items()}
TITLES = dict(sorted(_TITLES.items()))
