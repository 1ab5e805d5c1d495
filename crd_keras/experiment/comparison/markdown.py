"""A comparison as tables to read."""

from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.comparison.summary import HIGHER_IS_BETTER

# How many digits after the point a metric has in a table, and what it is multiplied by.
_FORMATS = {"kid": (1, 1000.0), "swd": (1, 1.0), "mae": (2, 1.0)}
_OTHERS = (3, 1.0)
_TITLES = {"kid": "KID x 1000", "swd": "SWD", "mae": "MAE", "ssim": "SSIM"}


def comparison_markdown(summary: Mapping[str, Any]) -> str:
    """Tables of scores and of paired differences.

    Args:
        summary: From `summarize`.
    """
    seeds = ", ".join(map(str, summary["seeds"]))
    return "\n".join(
        [
            f"Seeds: {seeds}; {summary['count']} test images; features of KID and the "
            f"feature distance: {summary['features']}.",
            "",
            "Mean over the seeds [95% interval over images and seeds] (each seed):",
            "",
            *_table(summary, lambda score: score),
            "",
            f"Difference to {summary['compared_with']}, paired by seed and image; "
            "**bold** where the interval does not hold 0:",
            "",
            *_table(summary, lambda score: score.get("difference"), mark=True),
        ]
    )


def _table(summary, select, mark=False):
    networks = {
        name: scores
        for name, scores in summary["networks"].items()
        if any(select(score) for score in scores.values())
    }
    metrics = list(next(iter(networks.values()))) if networks else []
    yield "| | " + " | ".join(map(_title, metrics)) + " |"
    yield "| --- |" + " --- |" * len(metrics)
    for name, scores in networks.items():
        cells = (_cell(metric, select(scores[metric]), mark) for metric in metrics)
        yield f"| {name} | " + " | ".join(cells) + " |"


def _title(metric):
    better = "higher" if metric in HIGHER_IS_BETTER else "lower"
    return f"{_TITLES.get(metric, metric)} ({better} is better)"


def _cell(metric, score, mark):
    digits, factor = _FORMATS.get(metric, _OTHERS)

    def text(value):
        return f"{value * factor:{'+' if mark else ''}.{digits}f}"

    mean, interval = text(score["mean"]), score["interval"]
    if mark and interval and (interval[0] > 0 or interval[1] < 0):
        mean = f"**{mean}**"
    if interval:
        mean += f" [{text(interval[0])}, {text(interval[1])}]"
    return f"{mean} ({', '.join(map(text, score['by_seed']))})"
