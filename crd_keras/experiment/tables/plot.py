"""A table's results as a picture."""

import io
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

_OURS, _PAPER, _FAINT = "#1f6f8b", "#8b5a1f", "#d0d0d0"
_STYLE = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
}


def table_png(results: dict[str, Any]) -> bytes:
    """Draws each row's runs, mean and spread, differences and the paper's FIDs.

    Rows of one recipe share charts, for their metric is one. The paper's FIDs have a
    chart of their own: on another scale, for they may be another measure.

    Args:
        results: From `table_results`.

    Returns:
        A PNG file.
    """
    recipes = list(dict.fromkeys(row["recipe"] for row in results["rows"]))
    groups = [[r for r in results["rows"] if r["recipe"] == name] for name in recipes]
    heights = [len(group) + 1.5 for group in groups]
    with matplotlib.style.context(["default", _STYLE]):
        figure = Figure(figsize=(11, 0.34 * sum(heights) + 0.5), layout="constrained")
        axes = figure.subplots(len(groups), 3, squeeze=False, height_ratios=heights)
        for (left, middle, right), group in zip(axes, groups, strict=True):
            _draw_ours(left, group)
            _draw_differences(middle, group)
            _draw_papers(right, group)
        figure.suptitle(
            f"Table {results['table']}: {results['title']} (preset {results['preset']})"
        )
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=150)
    return file.getvalue()


def _draw_ours(axes, group):
    metric = group[0]["metric"]
    for y, row in enumerate(group):
        _draw_spread(axes, y, row["scores"].get(metric))
        if row["not_run"]:
            # From the left edge, whatever the scores.
            place = axes.get_yaxis_transform()
            why = row["not_run"].split(":")[0]
            axes.text(0.02, y, why, va="center", color="gray", transform=place)
    _name_rows(axes, [row["name"] for row in group])
    better = "higher" if group[0]["higher_is_better"] else "lower"
    axes.set_xlabel(f"{metric}: mean and spread; {better} is better")


def _draw_differences(axes, group):
    metric = group[0]["metric"]
    axes.axvline(0, color="gray", linewidth=0.8)
    for y, row in enumerate(group):
        # Open, where two teachers' difference is in it.
        fill = _OURS if row["same_run"] else "white"
        _draw_spread(axes, y, row["differences"].get(metric), fill)
    _name_rows(axes, [""] * len(group))
    axes.set_xlabel(f"{metric} less the method's; open: other run")


def _draw_spread(axes, y, spread, fill=_OURS):
    if spread is None:
        return
    values = list(spread["by_seed"].values())
    axes.plot(values, np.full(len(values), y), "o", color=_OURS, ms=3, alpha=0.5)
    axes.errorbar(
        spread["mean"],
        y,
        xerr=spread["std"],
        fmt="D",
        color=_OURS,
        markerfacecolor=fill,
        ms=5,
        capsize=3,
    )


def _draw_papers(axes, group):
    for y, row in enumerate(group):
        fid = row["paper"]["fid"]
        axes.barh(y, fid, color=_PAPER, height=0.5)
        axes.text(fid, y, f" {fid:.2f}", va="center")
    _name_rows(axes, [""] * len(group))
    axes.margins(x=0.15)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"the paper's FID on {group[0]['recipe']}")


def _name_rows(axes, names):
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
