"""Trains the rows of tables of the paper, and writes the tables.

crd tables --table=3,4,5 --preset=quick
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
from crd_keras.experiment.tables.listing import table_list
from crd_keras.experiment.tables.markdown import table_markdown
from crd_keras.experiment.tables.planner import make_plan
from crd_keras.experiment.tables.plot import table_png
from crd_keras.experiment.tables.results import table_results
from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.rows import PRESETS, TITLES, make_table
from crd_keras.experiment.tables.runs import Run, only_one, run_all, run_recipe
from crd_keras.utils.errors import accepts_debug
from crd_keras.utils.files import atomic_write
from crd_keras.utils.interruption import Interruption

# On a CPU a teacher takes minutes, and with these most rows are there.
_QUICK_TEACHERS = 4
_PRESET_HELP = "Where the settings start from."

_TABLE = flags.DEFINE_list(
    "table", None, "Their numbers, such as 3,4 or 1..9, or all of them: all."
)
_LIST = flags.DEFINE_bool(
    "list",
    False,
    "Only print the rows: the paper's numbers, and the settings that each changes.",
)
_PRESET = flags.DEFINE_enum("preset", PRESETS[0], PRESETS, _PRESET_HELP)
_MAX_TEACHERS = flags.DEFINE_integer(
    "max_teachers",
    None,
    "Train at most so many teachers for each seed, those with most rows first. Rows "
    f"that need a further one are left out. Default: {_QUICK_TEACHERS} for "
    "--preset=quick, otherwise as many as it takes.",
    lower_bound=1,
)
_SEEDS = flags.DEFINE_list("seeds", ["0", "1"], "A run of each row for each of them.")
_OUTPUT_DIR = flags.DEFINE_string(
    "output_dir", "", "Folder of the tables. Default: runs/tables-PRESET."
)


@accepts_debug
def main(argv: Sequence[str] | None = None) -> None:
    """Reads the flags and trains what is missing of the tables.

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
        "crd tables --table=N,N|N..N|all [--list] [--preset=PRESET] [--seeds=N,N]\n"
        "       [--max_teachers=N] [--output_dir=FOLDER]",
        f"Trains the rows of tables of the paper, and writes the tables. Rows of one\n"
        f"teacher share a run. The same command again goes on where it was\n"
        f"interrupted.\n\ntables:\n{tables}",
    )
    add = parser.add_argument
    add_flag_help(add, "preset", _PRESET_HELP, _PRESET.default, choices=PRESETS)
    for flag, metavar in (
        (_TABLE, "N,N"),
        (_LIST, None),
        (_SEEDS, "N,N"),
        (_MAX_TEACHERS, "N"),
        (_OUTPUT_DIR, "FOLDER"),
    ):
        default = ",".join(flag.default) if flag is _SEEDS else flag.default or None
        add_flag_help(add, flag.name, flags.FLAGS[flag.name].help, default, metavar)
    return parser.format_help()


def _main(_):
    try:
        tables = [make_table(n, _PRESET.value) for n in _numbers(_TABLE.value)]
        seeds = _seeds(_SEEDS.value)
    except ValueError as error:
        raise SystemExit(f"tables: {error}") from error
    if _LIST.value:
        print("\n\n".join(map(table_list, tables)))
        return
    with Interruption(lambda: "Stopped; the same command goes on") as interruption:
        _train(tables, seeds, interruption)


def _train(tables, seeds, interruption):
    folder = pathlib.Path(_OUTPUT_DIR.value or f"runs/tables-{_PRESET.value}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with only_one(folder):
            failures = run_tables(
                tables,
                seeds,
                folder,
                functools.partial(run_recipe, interruption=interruption),
                _max_teachers(),
            )
    except (OSError, ValueError) as error:
        raise SystemExit(f"tables: {error}") from error
    for table in tables:
        print((folder / f"table{table.number}.md").read_text())
    print(f"Tables: {folder}")
    if failures:
        raise SystemExit(f"tables: {len(failures)} failed: {'; '.join(failures)}")


def _max_teachers():
    if _MAX_TEACHERS.value is None and _PRESET.value == "quick":
        return _QUICK_TEACHERS
    return _MAX_TEACHERS.value


def run_tables(
    tables: Sequence[Table],
    seeds: Sequence[int],
    folder: pathlib.Path,
    run: Callable[[Run], None],
    max_teachers: int | None = None,
) -> list[str]:
    """Trains what is missing of tables and writes them. Returns what failed.

    Args:
        tables: The tables.
        seeds: A run of each row for each of them.
        folder: Where the runs and the tables go.
        run: Does one run; raises a `RuntimeError` if it fails.
        max_teachers: At most so many runs for a seed, or as many as it takes.

    Raises:
        OSError: If a file cannot be read or written.
        ValueError: If the folder holds runs of other settings.
    """
    plan = make_plan(tables, seeds, folder, max_teachers)
    print(plan.describe(), flush=True)

    def write(numbers):
        for table in tables:
            if table.number in numbers:
                results = table_results(table, plan)
                _write(folder, results, table_markdown(results), table_png(results))

    failures = run_all(plan.runs, run, lambda each: write({n for n, _ in each.rows}))
    write(set(plan.cells))
    return failures


def _write(folder, results, markdown, png):
    name = f"table{results['table']}"
    contents = {
        "json": json.dumps(results, indent=2).encode(),
        "md": markdown.encode(),
        "png": png,
    }
    for suffix, content in contents.items():
        atomic_write(folder / f"{name}.{suffix}", content)


def _numbers(texts):
    if texts == ["all"]:
        return list(TITLES)
    numbers = _whole_numbers(number for text in texts for number in _range(text))
    if not numbers or not set(numbers) <= set(TITLES):
        raise ValueError(
            f"`--table` must be all, or different numbers from {min(TITLES)} to "
            f"{max(TITLES)}, such as 3,4 or 1..9. Received: {','.join(texts)}"
        )
    return numbers


def _range(text):
    """The numbers of `3..5`; a text that is no range as it is."""
    first, dots, last = text.partition("..")
    if not (dots and first.isdecimal() and last.isdecimal()):
        return [text]
    return range(int(first), min(int(last), max(TITLES) + 1) + 1)


def _seeds(texts):
    seeds = _whole_numbers(texts)
    if not seeds or min(seeds) < 0:
        raise ValueError(
            "`--seeds` must be different whole numbers of at least 0. "
            f"Received: {','.join(texts)}"
        )
    return seeds


def _whole_numbers(texts):
    """The numbers, none if a text is no number or there twice."""
    try:
        numbers = [int(text) for text in texts]
    except ValueError:
        return []
    return numbers if len(set(numbers)) == len(numbers) else []
