"""The tables of the paper, each as one command.

    python recipes/tables.py --table=6                   # the paper's settings
    python recipes/tables.py --table=6 --preset=quick    # 20 minutes on two CPU cores

| table | compares |
| --- | --- |
| 1 | CRD with the original, OMGD's losses and no distillation, on three data sets |
| 2 | what the networks cost, without any training |
| 3 | content level with instance level (RKD) and no distillation |
| 4 | rows, columns and patches: without one of them |
| 5 | sizes of the patches |
| 6 | regimes of the discriminator |
| 7, 8, 9 | weights: of the relations, angles to distances, of the perceptual loss |

Each row is a recipe's settings with one change, trained with each of `--seeds`, each
run in a process of its own and in a folder of its own, `table6/ROW/seed0`. The same
command again goes on where it was interrupted: finished runs stay, a cut one is
resumed. A run that fails is reported, and the others go on.

After each run `table6/table6.md`, `.json` and `.png` are written anew: mean and spread
over the seeds beside the paper's FID where it is known here.

With `--preset=quick` the runs are recipes' quick presets in four epochs, on drawn
animals: the direction of an effect at best, and no result on the paper's data.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch.
"""

import functools
import json
import pathlib
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


def main(_) -> None:
    with Interruption(lambda: "Stopped; the same command goes on") as interruption:
        _main(interruption)


def _main(interruption):
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


if __name__ == "__main__":
    flags.mark_flag_as_required("table")
    app.run(main)
