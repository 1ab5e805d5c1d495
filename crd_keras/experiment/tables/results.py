"""From the runs of a table to its numbers: mean and spread beside the paper's."""

import dataclasses
import json
import statistics
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.tables.row import Table
from crd_keras.experiment.tables.runs import Run


def table_results(table: Table, runs: Mapping[tuple[str, int], Run]) -> dict[str, Any]:
    """What the finished runs say.

    Args:
        table: The table.
        runs: The run of each row and seed, by `(row.name, seed)`.

    Returns:
        What `tableN.json` holds. A row has the `scores` of its network by metric, each
        with `mean`, `std` (n - 1; `None` for one seed), and its values `by_seed`;
        the `teacher`'s and the untranslated `input`'s mean of the `metric` that chose
        the best networks; and the paper's FID, `None` where it is not known.
    """
    seeds = sorted({seed for _, seed in runs})
    return {
        "table": table.number,
        "title": table.title,
        "preset": table.preset,
        "seeds": seeds,
        "rows": [
            _row(row, {seed: _read(runs[row.name, seed]) for seed in seeds})
            for row in table.rows
        ],
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


def _row(row, results):
    results = {seed: result for seed, result in results.items() if result is not None}
    # Of any run: they differ in the seed only.
    any_result = next(iter(results.values()), None)
    metric = row.base.metric
    chosen = any_result["metrics"][row.network] if any_result else {}

    def spread(network, name):
        return mean_and_spread(
            {seed: result["metrics"][network][name] for seed, result in results.items()}
        )

    return {
        "name": row.name,
        "recipe": row.recipe,
        "changes": dict(row.changes)
        | ({"discriminator_of": row.discriminator_of} if row.discriminator_of else {}),
        "network": row.network,
        "paper_fid": row.paper,
        "metric": metric,
        "higher_is_better": bool(
            any_result and metric in any_result["higher_is_better"]
        ),
        "scores": {name: spread(row.network, name) for name in chosen},
        "teacher": spread("teacher", metric) if any_result else None,
        "input": spread("untranslated input", metric) if any_result else None,
        "label": any_result["label"] if any_result else None,
        "protocol": any_result["protocol"] if any_result else [],
        "base": dataclasses.asdict(row.base),
    }


def _read(run):
    return (
        json.loads((run.folder / "results.json").read_text())
        if run.is_finished
        else None
    )
