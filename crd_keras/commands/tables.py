"""Trains the rows of a table of the paper, and writes the table.

crd tables --table=6 --preset=quick
"""

import functools
import json
import pathlib
import sys
from collections.abc import Callable, Sequence

from absl import app, flags

from crd_keras.experiment.tables.costs import cost_markdown, cost_png, cost_results
from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import table_results
from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.rows import make_table
from crd_keras.experiment.tables.runs import Run, only_one, plan, run_all, run_recipe
from crd_keras.utils.files import atomic_write
from crd_keras.utils.interruption import Interruption

_TABLE = flags.DEFINE_integer("table", None, "Its number, 1 to 9.", 1, 9)
_PRESET = flags.DEFINE_enum(
    "preset", "paper", ["paper", "quick"], "Where the settings start from."
)
_SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "A run of each row for each of them.")
_OUTPUT_DIR = flags.DEFINE_string(
    "output_dir", "", "Folder of the tables. Default: runs/tables-PRESET."
)


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the flags and trains what is missing of the table.

    Args:
        argv: The arguments. Default: those of the command line.
    """
    flags.mark_flag_as_required("table")
    arguments = list(sys.argv[1:] if argv is None else argv)
    app.run(_main, [sys.argv[0], *arguments])


def _main(_):
    with Interruption(lambda: "Stopped; the same command goes on") as interruption:
        _train(interruption)


def _train(interruption):
    try:
        seeds = _seeds(_SEEDS.value)
        folder = pathlib.Path(_OUTPUT_DIR.value or f"runs/tables-{_PRESET.value}")
        folder = folder / f"table{_TABLE.value}"
        folder.mkdir(parents=True, exist_ok=True)
        if _TABLE.value == 2:
            write_costs(_PRESET.value, folder)
            return
        with only_one(folder):
            table = make_table(_TABLE.value, _PRESET.value)
            failures = run_table(
                table,
                seeds,
                folder,
                functools.partial(run_recipe, interruption=interruption),
            )
    except (OSError, ValueError) as error:
        raise SystemExit(f"tables: {error}") from error
    if failures:
        raise SystemExit(f"tables: {len(failures)} failed: {'; '.join(failures)}")


def run_table(
    table: Table,
    seeds: Sequence[int],
    folder: pathlib.Path,
    run: Callable[[Run], None],
) -> list[str]:
    """Trains what is missing of a table and writes it. Returns what failed.

    Args:
        table: The table.
        seeds: A run of each row for each of them.
        folder: Where its runs and itself go.
        run: Does one run; raises a `RuntimeError` if it fails.

    Raises:
        ValueError: If the folder holds runs of other settings.
    """
    runs = plan(table, seeds, folder)

    def write():
        results = table_results(table, runs)
        _write(folder, results, table_markdown(results), table_png(results))

    failures = run_all(list(runs.values()), run, write)
    write()
    print((folder / f"table{table.number}.md").read_text())
    print(f"Table: {folder}")
    return failures


def write_costs(preset: str, folder: pathlib.Path) -> None:
    """Writes table 2."""
    results = cost_results(preset)
    _write(folder, results, cost_markdown(results), cost_png(results))
    print((folder / "table2.md").read_text())
    print(f"Table: {folder}")


def _write(folder, results, markdown, png):
    name = f"table{results['table']}"
    contents = {
        "json": json.dumps(results, indent=2).encode(),
        "md": markdown.encode(),
        "png": png,
    }
    for suffix, content in contents.items():
        atomic_write(folder / f"{name}.{suffix}", content)


def _seeds(texts):
    try:
        seeds = [int(text) for text in texts]
    except ValueError:
        seeds = []
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(
            "`--seeds` must be different whole numbers of at least 0. "
            f"Received: {','.join(texts)}"
        )
    return seeds
