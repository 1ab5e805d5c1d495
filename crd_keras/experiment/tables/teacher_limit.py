"""The rows of tables that a few teachers are enough for."""

from collections.abc import Mapping, Sequence

from crd_keras.experiment.tables.plan import Cell, Cells
from crd_keras.experiment.tables.runs import Run


def rows_within(
    cells: Mapping[int, Cells], max_teachers: int
) -> set[tuple[int, str, int]]:
    """The rows that at most so many runs for each seed are enough for.

    Finished runs come first, then those with most rows. A run whose discriminator
    others begin with comes with them.

    Args:
        cells: All cells by the number of their table.
        max_teachers: The most runs for a seed. At least 1.

    Returns:
        Number of the table, name of the row and seed of each.
    """
    kept = set()
    for seed in {seed for of_table in cells.values() for _, seed in of_table}:
        of_seed = {
            (number, name, seed): cell
            for number, of_table in cells.items()
            for (name, its_seed), cell in of_table.items()
            if its_seed == seed
        }
        chosen = _chosen(list(of_seed.values()), max_teachers)
        kept |= {k for k, x in of_seed.items() if {x.run, *x.needs} <= chosen}
    return kept


def _chosen(cells: Sequence[Cell], max_teachers: int) -> set[Run]:
    chosen: set[Run] = set()
    runs = dict.fromkeys(cell.run for cell in cells)
    for run in sorted(runs, key=lambda run: (not run.is_finished, -len(run.rows))):
        needs = [cell.needs for cell in cells if cell.run is run]
        choices = [{run}.union(*needs)]
        if not all(needs):
            # There are rows that need the run alone.
            choices.append({run})
        fitting = (x for x in choices if len(chosen | x) <= max_teachers)
        chosen |= next(fitting, set())
    return chosen
