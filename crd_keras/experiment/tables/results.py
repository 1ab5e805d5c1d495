"""From the runs of a table to its numbers: means, spreads and paired differences."""

import dataclasses
import json
import statistics
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.tables.plan import Plan
from crd_keras.experiment.tables.row import NOT_RUN, Table


def table_results(table: Table, plan: Plan) -> dict[str, Any]:
    """What the finished runs say.

    Args:
        table: The table.
        plan: Where the numbers of each row and seed come from.

    Returns:
        What `tableN.json` holds. A row has the numbers of the `paper`, by the names of
        `PaperRow`; why it is `not_run`, else `None`; the `scores` of its network by
        metric, each with `mean`, `std` (n - 1; `None` for one seed), and its values
        `by_seed`; `differences` in the same form, of each seed's score to that of the
        row `compared_with`, the whole method of its recipe (which has none itself), and
        whether both are always of the `same_run`, and so of one teacher; and the
        `teacher`'s and the untranslated `input`'s mean of the `metric` that chose the
        best networks.
    """
    cells = plan.cells[table.number]
    seeds = sorted({seed for _, seed in cells})
    finished = {
        run: json.loads((run.folder / "results.json").read_text())
        for run in {cell.run for cell in cells.values()}
        if run.is_finished
    }
    rows = []
    for row in table.rows:
        of_row = {
            seed: cell for (name, seed), cell in cells.items() if name == row.name
        }
        result = _row(row, of_row, finished)
        rows.append(result | {"not_run": _why_not(row, table, plan)})
    methods = {
        row.recipe: result
        for row, result in zip(table.rows, rows, strict=True)
        if row.is_method
    }
    for result in rows:
        method = methods[result["recipe"]]
        if result is not method:
            result |= {
                "compared_with": method["name"],
                "differences": _differences(result["scores"], method["scores"]),
                "same_run": result["runs"] == method["runs"],
            }
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


def _why_not(row, table, plan):
    if not row.is_run:
        return NOT_RUN
    return plan.why_left_out if (table.number, row.name) in plan.left_out else None


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
        "changes": row.described_changes,
        "network": row.network,
        "runs": {str(seed): cell.run.name for seed, cell in cells.items()},
        "paper": dataclasses.asdict(row.paper),
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
