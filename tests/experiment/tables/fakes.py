"""Runs of tables that are finished without any training."""

import dataclasses
import json

import pytest

from crd_keras.experiment.tables.planner import make_plan
from crd_keras.experiment.tables.rows import PRESETS, TITLES, make_table
from crd_keras.experiment.tables.runs import write_students

each_table = pytest.mark.parametrize(
    ("number", "preset"), [(n, p) for n in TITLES for p in PRESETS]
)


def plan_of(folder, *numbers, preset="quick", seeds=(0,), max_teachers=None):
    tables = [make_table(n, preset) for n in numbers]
    return make_plan(tables, seeds, folder, max_teachers)


def finish(run, scores=1.0):
    """Leaves what a finished run leaves, with scores of all or of each student."""
    run.folder.mkdir(parents=True)
    if not run.students_file.exists():
        write_students(run)
    record = {"settings": dataclasses.asdict(run.settings)}
    (run.folder / "run.json").write_text(json.dumps(record))
    (run.folder / "discriminator.keras").touch()
    metric = run.settings.metric
    if not isinstance(scores, dict):
        scores = dict.fromkeys(run.students, scores)
    scores = {
        "untranslated input": {metric: 90.0, "kid": 9.0},
        "teacher": {metric: 20.0 + run.settings.seed, "kid": 2.0},
        **{name: {metric: score, "kid": 3.0} for name, score in scores.items()},
    }
    results = {
        "label": "Drawn animals.",
        "metric": metric,
        "higher_is_better": [],
        "metrics": scores,
        "protocol": ["How it was measured."],
    }
    (run.folder / "results.json").write_text(json.dumps(results))
