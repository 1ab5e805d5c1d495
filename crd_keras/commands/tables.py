"""Trains the rows of a table of the paper, and writes the table.

crd tables --table=6 --preset=quick
"""

import functools
import json
import pathlib
from collections.abc import Callable, Sequence

from absl import flags

from crd_keras.commands.absl_flags import (
    add_flag_help,
    asks_for_help,
    help_parser,
    run_with_flags,
)
from crd_keras.experiment.tables.costs import cost_markdown, cost_png, cost_results
from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import table_results
from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.rows import TITLES, make_table
from crd_keras.experiment.tables.runs import Run, only_one, plan, run_all, run_recipe
from crd_keras.utils.errors import accepts_debug
from crd_keras.utils.files import atomic_write
from crd_keras.utils.interruption import Interruption

_PRESETS = ["paper", "quick"]
_PRESET_HELP = "Where the settings start from."

_TABLE = flags.DEFINE_integer("table", None, "Its number, 1 to 9.", 1, 9)
_PRESET = flags.DEFINE_enum("preset", "paper", _PRESETS, _PRESET_HELP)
_SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "A run of each row for each of them.")
_OUTPUT_DIR = flags.DEFINE_string(
    "output_dir", "", "Folder of the tables. Default: runs/tables-PRESET."
)


@accepts_debug
def main(argv: Sequence[str] | None = None) -> None:
    """Reads the flags and trains what is missing of the table.

    Args:
        argv: The arguments. Default: those of the command line.
    """
    arguments = list(argv or ())
    if asks_for_help(arguments):
        print(_help())
        return
    flags.mark_flag_as_required("table")
    run_with_flags("tables", _main, arguments)


def _help():
    tables = "\n".join(f"  {number}  {title}" for number, title in TITLES.items())
    parser = help_parser(
        "crd tables --table=N [--preset=PRESET] [--seeds=N,N] [--output_dir=FOLDER]",
        f"Trains the rows of a table of the paper, and writes the table. The same\n"
        f"command again goes on where it was interrupted.\n\ntables:\n{tables}",
    )
    add = parser.add_argument
    add_flag_help(add, "preset", _PRESET_HELP, _PRESET.default, choices=_PRESETS)
    for flag, metavar in ((_TABLE, "N"), (_SEEDS, "N,N"), (_OUTPUT_DIR, "FOLDER")):
        default = ",".join(flag.default) if flag is _SEEDS else flag.default
        add_flag_help(add, flag.name, flags.FLAGS[flag.name].help, default, metavar)
    return parser.format_help()


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
