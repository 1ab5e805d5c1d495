"""The tables of the paper: which settings each row changes."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from crd_keras.experiment.networks import original_generator
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.tables.paper import PAPER_ROWS, PaperRow
from crd_keras.experiment.tables.row import Row, Table

TITLES = {
    1: "CycleGAN: comparison on horse2zebra and summer2winter",
    2: "Pix2Pix: comparison on edges2shoes",
    3: "Level of the relations",
    4: "Granularity of the contents",
    5: "Size of the patches",
    6: "Regime of the discriminator",
    7: "Weight of the relations",
    8: "Balance of angles to distances",
    9: "Weight of the perceptual loss",
}

# Presets that all recipes of the tables have, the default first.
PRESETS = [
    name
    for name in RECIPES["horse2zebra"]
    if all(name in RECIPES[x.dataset] for rows in PAPER_ROWS.values() for x in rows)
]

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

# From the paper's row, the preset and the base settings to arguments of `Row`, and what
# the row is `here` where that is other than its name says.
_Maker: TypeAlias = Callable[[PaperRow, str, Settings], dict[str, Any]]


def make_table(number: int, preset: str) -> Table:
    """A table of the paper with its rows.

    Args:
        number: Its number: one of `TITLES`.
        preset: One of `PRESETS`.
    """
    papers = PAPER_ROWS[number]
    several = len({paper.dataset for paper in papers}) > 1
    rows = []
    for paper in papers:
        make = _MAKERS[number].get(paper.method)
        name = f"{paper.dataset}: {paper.method}" if several else paper.method
        rows.append(_row(name, paper, preset, make))
    return Table(number, TITLES[number], preset, tuple(rows))


def _row(name, paper, preset, make):
    base = RECIPES[paper.dataset][preset]
    if preset == "quick":
        base = dataclasses.replace(base, **_QUICK)
    made: dict[str, Any] = {"is_run": False}
    if make is not None:
        made = make(paper, preset, base)
    changes = made.pop("changes", {})
    here = made.pop("here", None)
    return Row(
        name=name if here is None else f"{name} (here {here})",
        paper=paper,
        preset=preset,
        base=base,
        # A value that is the base's is no change.
        changes={k: v for k, v in changes.items() if getattr(base, k) != v},
        **made,
    )


def _change(**changes: Any) -> _Maker:
    """The same settings whatever the base."""
    return lambda paper, preset, base: {"changes": changes}


def _alone(base, **changes):
    """A teacher without turns of a student in between, of whom no row asks."""
    if base.schedule == "phased":
        turns = base.epochs // (base.teacher_epochs + base.student_epochs)
        changes |= {"schedule": "joint", "epochs": turns * base.teacher_epochs}
    return {"changes": changes, "network": "teacher"}


def _original(paper, preset, base):
    return _alone(base, generator=original_generator(base))


def _omgd(paper, preset, base):
    # The published weights of the channels.
    channels = {"horse2zebra": 500, "summer2winter": 100, "edges2shoes": 10}
    distillation = f"omgd,channel={channels[paper.dataset]}"
    return {
        "here": "its losses",
        "changes": {"distillation": distillation, "discriminator_regime": "none"},
    }


def _baseline(paper, preset, base):
    """A GAN of the student's size, trained by itself."""
    return _alone(base, teacher_filters=cast(int, base.student_filters))


def _instance_level(batch_size: int) -> _Maker:
    return _change(distillation="instance_relation,perceptual", batch_size=batch_size)


def _pretrained(setting: str, **changes: Any) -> _Maker:
    """Begins with the discriminator that the original has been trained with."""

    def make(paper, preset, base):
        original = make_table(1, preset).rows[0]
        return {"changes": changes, "pretrained": {setting: original}}

    return make


def _value(setting: str, of_ours: float, papers: float, text: str = "{:g}") -> _Maker:
    """A value as many times the base's as the paper's is that of its own method.

    A preset may have another one: of smaller images, patches are smaller.
    """

    def make(paper, preset, base):
        whole = getattr(base, setting)
        value = type(whole)(whole * papers / of_ours)
        here = None if value == papers else text.format(value)
        return {"changes": {setting: value}, "here": here}

    return make


def _patch_size(papers: int) -> _Maker:
    return _value("patch_size", 32, papers, "{0}x{0}")


_COMPARISON = {"Original": _original, "OMGD": _omgd, "CRD (Ours)": _change()}

# By the number of the table and the paper's name of the row. This project cannot train
# the rows that are not here.
_MAKERS: dict[int, dict[str, _Maker]] = {
    1: _COMPARISON,
    2: _COMPARISON,
    3: {
        "Baseline (w/o KD)": _baseline,
        "Instance level (batch size 4)": _instance_level(4),
        "Instance level (batch size 8)": _instance_level(8),
        "Ours": _change(),
    },
    4: {
        "Baseline (w/o KD)": _baseline,
        "Ours w/o Patch": _change(contents="row,column"),
        "Ours w/o Row": _change(contents="column,patch"),
        "Ours w/o Column": _change(contents="row,patch"),
        "Ours": _change(),
    },
    5: {
        "Baseline (w/o KD)": _baseline,
        "Patch size 16x16": _patch_size(16),
        "Patch size 64x64": _patch_size(64),
        "Ours (patch size 32x32)": _patch_size(32),
    },
    6: {
        "Pre-trained (freezing)": _pretrained("student_discriminator"),
        "Pre-trained (updating)": _pretrained(
            "discriminator_weights", discriminator_regime="updating"
        ),
        "Online (w/o discriminator)": _change(discriminator_regime="none"),
        "Online (always updating)": _change(discriminator_regime="updating"),
        "Our online (updating-freezing)": _change(),
    },
    7: {
        "10": _value("relation_weight", 25, 10),
        "50": _value("relation_weight", 25, 50),
        "Ours (25)": _value("relation_weight", 25, 25),
    },
    8: {
        "0.5": _value("angle_weight", 2, 0.5),
        "1": _value("angle_weight", 2, 1),
        "Ours (2)": _value("angle_weight", 2, 2),
    },
    9: {
        "2": _value("perceptual_weight", 1, 2),
        "3": _value("perceptual_weight", 1, 3),
        "Ours (1)": _value("perceptual_weight", 1, 1),
    },
}
