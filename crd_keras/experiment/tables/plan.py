"""Which runs the rows of tables need."""

import dataclasses
import itertools
from typing import TypeAlias

from crd_keras.experiment.tables.runs import Run


@dataclasses.dataclass(frozen=True)
class Cell:
    """Where the numbers of one row and seed come from.

    Attributes:
        run: The run.
        network: The name that the row's network has in the run's results.
        needs: Runs that come before, as the row begins with their discriminators.
    """

    run: Run
    network: str
    needs: tuple[Run, ...] = ()


# By a row's name and a seed.
Cells: TypeAlias = dict[tuple[str, int], Cell]


@dataclasses.dataclass(frozen=True)
class Plan:
    """The runs of tables.

    Attributes:
        cells: The cells by the number of their table.
        max_teachers: At most so many runs for a seed; `None`: as many as it takes.
        left_out: Rows for which these are not enough, as `(number of the table, name)`.
    """

    cells: dict[int, Cells]
    max_teachers: int | None = None
    left_out: tuple[tuple[int, str], ...] = ()

    @property
    def runs(self) -> list[Run]:
        """Each once, those of a seed together, each after those that it needs."""
        needs: dict[Run, list[Run]] = {}
        for cells in self.cells.values():
            for cell in cells.values():
                needs.setdefault(cell.run, []).extend(cell.needs)
        ordered = [each for run in needs for each in (*needs[run], run)]
        return sorted(dict.fromkeys(ordered), key=lambda run: run.settings.seed)

    @property
    def why_left_out(self) -> str:
        """Why rows are left out."""
        limit = f"--max_teachers={self.max_teachers}"
        return f"left out: needs a teacher of its own; {limit}"

    def describe(self) -> str:
        """The runs with their students and rows, in lines to read."""
        runs = self.runs
        rows = sum(len(run.rows) for run in runs)
        finished = sum(run.is_finished for run in runs)
        lines = [
            f"Plan: runs: {len(runs)}, finished before: {finished}; "
            f"rows, over all seeds: {rows}"
        ]
        for run in runs:
            lines.append(f"  {run.name}: {_state(run)}; students: {len(run.students)}")
            lines += _by_table(run.rows)
        if self.left_out:
            lines += [f"  {self.why_left_out}", *_by_table(self.left_out)]
        return "\n".join(lines)


def _by_table(rows):
    for number, of_table in itertools.groupby(rows, key=lambda row: row[0]):
        yield f"    table {number}: {'; '.join(name for _, name in of_table)}"


def _state(run):
    if run.is_finished:
        return "finished, reused"
    if run.is_begun:
        return "begun, goes on"
    if run.number > 1:
        return "new, for students that earlier runs of this teacher are without"
    return "new"
