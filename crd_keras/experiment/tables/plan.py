"""Which runs the rows of tables need: those of one teacher share a run."""

import dataclasses
import itertools
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from crd_keras.experiment.run_record import read_run_record
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.settings_flags import flag_text
from crd_keras.experiment.students import student_settings, students_of
from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.runs import Run


@dataclasses.dataclass(frozen=True)
class Cell:
    """Where the numbers of one row and seed come from.

    Attributes:
        run: The run.
        network: The name that the row's network has in the run's results.
    """

    run: Run
    network: str


# By a row's name and a seed.
Cells: TypeAlias = dict[tuple[str, int], Cell]


def plan(
    tables: Iterable[Table], seeds: Sequence[int], folder: pathlib.Path
) -> dict[int, Cells]:
    """Finds a run for each row and seed.

    Rows of all tables that share everything but what students may differ in share a
    run. Runs that have begun keep their students. Those that they lack are trained in
    a further run, with the same teacher once more.

    Args:
        tables: The tables.
        seeds: A run of each row for each of them.
        folder: Where the tables go. The runs are in `runs` within.

    Returns:
        The cells by the number of their table. In the order of their runs, one that
        begins with another's discriminator comes after it.

    Raises:
        OSError: If a file of students cannot be read.
        ValueError: If there is a run of other settings where one is to be, or one
            without its file of students.
    """
    cells: dict[int, Cells] = {table.number: {} for table in tables}
    runs: dict[Settings, list[Run]] = {}
    for seed, table in itertools.product(seeds, tables):
        found = cells[table.number]
        for row in table.rows:
            training = dataclasses.replace(row.training, seed=seed)
            if row.discriminator_of is not None:
                pretrained = found[row.discriminator_of, seed].run.folder
                training = dataclasses.replace(
                    training,
                    discriminator_weights=str(
                        pretrained.resolve() / "discriminator.keras"
                    ),
                )
            if training not in runs:
                path = folder / "runs" / f"{_training_name(row)}-seed{seed}"
                runs[training] = _runs(row, training, path)
            found[row.name, seed] = cell = _cell(row, runs[training])
            cell.run.rows.append((table.number, row.name))
    return cells


def planned_runs(cells: Mapping[int, Cells]) -> list[Run]:
    """The runs of a plan, each once, those of a seed together."""
    runs = [cell.run for of_table in cells.values() for cell in of_table.values()]
    return sorted(dict.fromkeys(runs), key=lambda run: run.settings.seed)


def describe_plan(runs: Sequence[Run]) -> str:
    """The runs with their students and rows, in lines to read.

    Args:
        runs: From `planned_runs`.
    """
    rows = sum(len(run.rows) for run in runs)
    finished = sum(run.is_finished for run in runs)
    lines = [
        f"Plan: runs: {len(runs)}, finished before: {finished}; "
        f"rows, over all seeds: {rows}"
    ]
    for run in runs:
        lines.append(f"  {run.name}: {_state(run)}; students: {len(run.students)}")
        for number, rows_of in itertools.groupby(run.rows, key=lambda row: row[0]):
            names = "; ".join(name for _, name in rows_of)
            lines.append(f"    table {number}: {names}")
    return "\n".join(lines)


def _state(run):
    if run.is_finished:
        return "finished, reused"
    if run.is_begun:
        return "begun, goes on"
    if run.number > 1:
        return "new, for students that earlier runs of this teacher are without"
    return "new"


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


def _cell(row, runs):
    """The first run with the row's student; the last one can still be given it."""
    having = [run for run in runs if row.student in run.students.values()]
    if not having:
        name = _slug(_changes(row.student, row.base)) or "base"
        runs[-1].students[name] = row.student
    run = having[0] if having else runs[-1]
    name = next(k for k, student in run.students.items() if student == row.student)
    return Cell(run, name if row.network == "student" else row.network)


def _training_name(row):
    changes = _changes(dataclasses.asdict(row.training), row.base)
    pretrained = ["pretrained"] if row.discriminator_of else []
    return _slug([row.recipe, *changes, *pretrained])


def _changes(settings, base):
    """Names and values of the settings that are not the base's."""
    return [
        text
        for name, value in settings.items()
        if value != getattr(base, name)
        for text in (name, flag_text(value))
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
