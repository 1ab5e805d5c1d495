"""Finds the runs of tables: rows of one teacher share a run."""

import dataclasses
import itertools
import pathlib
import re
from collections.abc import Callable, Sequence

from crd_keras.experiment.run_record import read_run_record
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import flag_text
from crd_keras.experiment.students import student_settings, students_of
from crd_keras.experiment.tables.plan import Cell, Plan
from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.runs import Run
from crd_keras.experiment.tables.teacher_limit import rows_within


def make_plan(
    tables: Sequence[Table],
    seeds: Sequence[int],
    folder: pathlib.Path,
    max_teachers: int | None = None,
) -> Plan:
    """Finds a run for each row and seed.

    Rows of all tables that share everything but what students may differ in share a
    run. Runs that have begun keep their students. Those that they lack are trained in
    a further run, with the same teacher once more.

    Args:
        tables: The tables.
        seeds: A run of each row for each of them.
        folder: Where the tables go. The runs are in `runs` within.
        max_teachers: At most so many runs for a seed: those of `rows_within`. `None`:
            as many as it takes.

    Raises:
        OSError: If a file of students cannot be read.
        ValueError: If there is a run of other settings where one is to be, or one
            without its file of students.
    """
    whole = _plan(tables, seeds, folder, lambda *row: True)
    if max_teachers is None:
        return whole
    kept = rows_within(whole.cells, max_teachers)
    left_out = dict.fromkeys(
        (number, name)
        for number, cells in whole.cells.items()
        for name, seed in cells
        if (number, name, seed) not in kept
    )
    part = _plan(tables, seeds, folder, lambda *row: row in kept)
    return dataclasses.replace(
        part, max_teachers=max_teachers, left_out=tuple(left_out)
    )


def _plan(
    tables: Sequence[Table],
    seeds: Sequence[int],
    folder: pathlib.Path,
    is_wanted: Callable[[int, str, int], bool],
) -> Plan:
    plan = Plan({table.number: {} for table in tables})
    runs: dict[Settings, list[Run]] = {}
    for seed, table in itertools.product(seeds, tables):
        for row in table.run_rows:
            if is_wanted(table.number, row.name, seed):
                cell = _cell(row, seed, folder, runs)
                plan.cells[table.number][row.name, seed] = cell
                cell.run.rows.append((table.number, row.name))
    for run in plan.runs:
        if not run.students:
            # Of whom no row asks: one that costs next to nothing.
            run.students["student"] = student_settings(run.settings) | {
                "distillation": "pixel_l1",
                "adversarial_weight": 0.0,
            }
    return plan


def _cell(row, seed, folder, runs):
    """Finds the row's run; one that is not yet there is added to `runs`."""
    needs = {
        setting: _cell(other, seed, folder, runs).run
        for setting, other in row.pretrained.items()
    }
    files = {k: str(run.folder / "discriminator.keras") for k, run in needs.items()}
    whole = dataclasses.replace(
        row,
        base=dataclasses.replace(row.base, seed=seed),
        changes={**row.changes, **files},
    )
    if whole.training not in runs:
        path = folder / "runs" / f"{_training_name(row)}-seed{seed}"
        runs[whole.training] = _runs(row, whole.training, path)
    of_teacher = runs[whole.training]
    if row.network == "teacher":
        # It is the same in all of them.
        return Cell(of_teacher[0], "teacher")
    run = _with_student(of_teacher, whole.student, _student_name(row))
    name = next(k for k, student in run.students.items() if student == whole.student)
    return Cell(run, name, tuple(needs.values()))


def _runs(row, training, path):
    """Those of a teacher that have begun, and a further one without students yet."""
    runs = []
    for number in itertools.count(1):
        folder = str(path) if number == 1 else f"{path}-{number}"
        settings = dataclasses.replace(
            training, output_dir=folder, students=f"{folder}.toml"
        )
        run = Run(row.recipe, row.preset, settings, number)
        runs.append(run)
        _check_same_settings(run)
        if not run.students_file.exists():
            _check_not_begun(run)
            return runs
        run.students.update(
            {name: student_settings(x) for name, x in students_of(settings).items()}
        )


def _with_student(runs, student, name):
    """The first run with the student; the last one can still be given it."""
    for run in runs:
        if student in run.students.values():
            return run
    runs[-1].students[name] = student
    return runs[-1]


def _training_name(row):
    changes = _changes(dataclasses.asdict(row.training), row.base)
    pretrained = ["pretrained"] if "discriminator_weights" in row.pretrained else []
    return _slug([row.recipe, *changes, *pretrained])


def _student_name(row):
    changes = _changes(row.student, row.base)
    pretrained = ["pretrained"] if "student_discriminator" in row.pretrained else []
    return _slug([*changes, *pretrained]) or "base"


def _changes(settings, base):
    """Names and values of the settings that are not the base's."""
    return [
        text
        for name, value in settings.items()
        if value != getattr(base, name)
        for text in (name, flag_text(name, value))
    ]


def _slug(parts):
    """A name for a folder or a student."""
    return re.sub(r"[^a-z0-9.]+", "-", "-".join(parts).lower()).strip("-")


def _check_not_begun(run):
    if run.is_begun:
        raise ValueError(
            "`--output_dir` must hold the file of each run's students. Received: "
            f"{run.folder} without {run.students_file}"
        )


def _check_same_settings(run):
    try:
        old = read_run_record(run.folder)["settings"]
    except FileNotFoundError:
        return
    # The folder may have been moved.
    places = {"output_dir", "resume", "discriminator_weights", "students"}
    changed = [
        f"{name} ({old[name]!r}, now {value!r})"
        for name, value in dataclasses.asdict(run.settings).items()
        if name in old and name not in places and old[name] != value
    ]
    if changed:
        raise ValueError(
            f"`--output_dir` must not hold runs of other settings. Received: "
            f"{run.folder} with other values of {', '.join(changed)}"
        )
