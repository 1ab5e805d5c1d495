"""From the runs of a table to its numbers: means, spreads and paired differences."""

import dataclasses
import json
import statistics
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.tables.plan import Cells
from crd_keras.experiment.tables.row import Table


def table_results(table: Table, cells: Cells) -> dict[str, Any]:
    """What the finished runs say.

    Args:
        table: The table.
        cells: Where the numbers of each row and seed come from.

    Returns:
        What `tableN.json` holds. A row has the `scores` of its network by metric, each
        with `mean`, `std` (n - 1; `None` for one seed), and its values `by_seed`;
        `differences` in the same form, of each seed's score to that of the row
        `compared_with`, the first one of its recipe (which has none itself), and
        whether both are always of the `same_run`, and so of one teacher;
        the `teacher`'s and the untranslated `input`'s mean of the `metric` that chose
        the best networks; and the paper's FID, `None` where it is not known.
    """
    seeds = sorted({seed for _, seed in cells})
    finished = {
        run: json.loads((run.folder / "results.json").read_text())
        for run in {cell.run for cell in cells.values()}
        if run.is_finished
    }
    rows: list[dict[str, Any]] = []
    firsts: dict[str, dict[str, Any]] = {}
    for row in table.rows:
        of_row = {seed: cells[row.name, seed] for seed in seeds}
        result = _row(row, of_row, finished)
        if (first := firsts.setdefault(row.recipe, result)) is not result:
            result |= {
                "compared_with": first["name"],
                "differences": _differences(result["scores"], first["scores"]),
                "same_run": result["runs"] == first["runs"],
            }
        rows.append(result)
    return {
        "table": table.number,
        "title": table.title,
        "preset": table.preset,
        "seeds": seeds,
        "rows": rows,
    }


def mean_and_spread(values: Mapping[int, float]) -> dict[str, Any]:
    """Mean and standard deviation of values by seed.

    Args:
        values: Not empty.
    """
    numbers = list(values.values())
    return {
        "mean": statistics.fmean(numbers),
        "std": statistics.stdev(numbers) if len(numbers) > 1 else None,
        "by_seed": {str(seed): value for seed, value in values.items()},
    }


def _row(row, cells, finished):
    # The results and the name of the row's network in them.
    results = {
        seed: (finished[cell.run], cell.network)
        for seed, cell in cells.items()
        if cell.run in finished
    }
    # Of any run: they differ in the seed only.
    any_result, network = next(iter(results.values()), (None, None))
    metric = row.base.metric
    chosen = any_result["metrics"][network] if any_result else {}

    def spread(name, network=None):
        return mean_and_spread(
            {
                seed: result["metrics"][network or own][name]
                for seed, (result, own) in results.items()
            }
        )

    return {
        "name": row.name,
        "recipe": row.recipe,
        "changes": dict(row.changes)
        | ({"discriminator_of": row.discriminator_of} if row.discriminator_of else {}),
        "network": row.network,
        "runs": {str(seed): cell.run.name for seed, cell in cells.items()},
        "paper_fid": row.paper,
        "metric": metric,
        "higher_is_better": bool(
            any_result and metric in any_result["higher_is_better"]
        ),
        "scores": {name: spread(name) for name in chosen},
        "compared_with": None,
        "differences": {},
        "same_run": True,
        "teacher": spread(metric, "teacher") if any_result else None,
        "input": spread(metric, "untranslated input") if any_result else None,
        "label": any_result["label"] if any_result else None,
        "protocol": any_result["protocol"] if any_result else [],
        "base": dataclasses.asdict(row.base),
    }


def _differences(scores, first):
    differences = {}
    for name, score in scores.items():
        theirs = first[name]["by_seed"] if name in first else {}
        by_seed = {
            int(seed): value - theirs[seed]
            for seed, value in score["by_seed"].items()
            if seed in theirs
        }
        if by_seed:
            differences[name] = mean_and_spread(by_seed)
    return differences
