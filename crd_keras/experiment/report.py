"""The report of a run: its table, its pictures and what it used."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crd_keras.experiment.metrics import protocol
from crd_keras.experiment.network_scores import NetworkScores
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.experiment.student_sizes import StudentSize
from crd_keras.experiment.students import is_family
from crd_keras.metrics import ImageMetric
from crd_keras.report.front import StudentPoint
from crd_keras.report.html_report import write_report
from crd_keras.training.trainer import CRDTrainer
from crd_keras.utils.files import atomic_write
from crd_keras.utils.image_size import image_sides


class Choice(NamedTuple):
    """What has been chosen among the students.

    Attributes:
        best: Name of the best one within the budget.
        sizes: All students' sizes by name.
        allowed: Names of those within the budget.
    """

    best: str
    sizes: Mapping[str, StudentSize]
    allowed: Sequence[str]


def write_run_report(
    folder: RunFolder,
    record: dict[str, dict],
    trainer: CRDTrainer,
    scores: NetworkScores,
    choice: Choice,
    metrics: Sequence[ImageMetric],
) -> None:
    """Writes what came of a run.

    `report.html` is for people, `results.json`, which comes last, for programs.

    Args:
        folder: The run's folder, with its metrics and pictures.
        record: The run's settings, data, weights and versions.
        trainer: What trained the networks.
        scores: Scores of the teacher and the students.
        choice: What has been chosen among the students.
        metrics: The metrics. The first one has chosen the best networks.
    """
    settings, used = folder.settings, record["used"]
    metric = metrics[0].name
    exactness = scores.exactness
    sections = {"Exactness on the drawn test images": exactness} if exactness else {}
    best_epochs = {}
    if trainer.best_teacher is not None:
        best_epochs[f"teacher_{metric}"] = _epoch(trainer.best_teacher)
    for student in trainer.students.values():
        best_epochs[f"{student.prefix}student_{metric}"] = _epoch(student.best)
    students = "students" if is_family(settings) else "student"
    is_stored = trainer.teacher.generator is None
    write_report(
        folder.report,
        title=f"{used['recipe']}: {'' if is_stored else 'teacher and '}{students}",
        label=_label(used, settings),
        rows=scores.rows,
        image_size=image_sides(settings.image_size),
        higher_is_better=[m.name for m in metrics if m.higher_is_better],
        protocols=protocol(metrics, settings),
        front=_front(scores, choice, metrics[0]) if is_family(settings) else (),
        grid=max(folder.grids.glob("*.png"), default=None),
        grid_caption="Test images after the last epoch: input, "
        f"{'' if is_stored else 'the best teacher, '}the {students} as they are then "
        "(the table has the best of each)",
        history=folder.metrics,
        metric_columns=best_epochs,
        sections={
            **sections,
            "Used": used,
            "Settings": record["settings"],
            "Versions": record["versions"] | _earlier_backends(record),
        },
    )
    _write_results(folder, used, scores, choice, metrics)


def _front(scores, choice, metric):
    score = scores.of(metric)
    return [
        StudentPoint(
            name,
            score[name],
            size.parameters,
            size.macs,
            size.bytes,
            size.latency_ms,
            is_allowed=name in choice.allowed,
            is_chosen=name == choice.best,
        )
        for name, size in choice.sizes.items()
    ]


def _earlier_backends(record):
    """Which backends trained before the run was resumed on this one."""
    names = [
        (session["versions"] or {}).get("backend", "unknown")
        for session in record["earlier_sessions"]
    ]
    return {"backends of earlier sessions": ", ".join(names)} if names else {}


def _epoch(best):
    return int(best.epoch.numpy()) if best.exists else None


def _write_results(folder, used, scores, choice, metrics):
    results = {
        "recipe": used["recipe"],
        "preset": used["preset"],
        "label": _label(used, folder.settings),
        "metric": metrics[0].name,
        "higher_is_better": [m.name for m in metrics if m.higher_is_better],
        "metrics": {
            row.name: {name: float(score) for name, score in row.metrics.items()}
            for row in scores.rows
        },
        "best_student": choice.best,
        "within_budget": list(choice.allowed),
        "exactness": scores.exactness,
        "protocol": protocol(metrics, folder.settings),
    }
    atomic_write(folder.results, json.dumps(results, indent=2).encode())


def _label(used, settings):
    label = f"{used['data']}; preset {used['preset']}; {used['perceptual features']}."
    is_whole = settings.data_dir is None and settings.max_steps is None
    if is_whole and settings.dataset == used["recipe"]:
        # As flat2fluent, whose recipe has no preset of the paper.
        return label
    is_the_papers = (
        is_whole
        and used["preset"] == "paper"
        and settings.perceptual_features == "vgg16"
        and settings.vgg_weights == "imagenet"
        and settings.metric_features == "inception"
    )
    return label if is_the_papers else f"{label} Not a result on {used['recipe']}."
