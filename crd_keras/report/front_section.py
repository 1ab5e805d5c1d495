"""The part of the report that compares the students of a family."""

import math
from collections.abc import Sequence
from html import escape

from crd_keras.report.front import StudentPoint, front
from crd_keras.report.front_chart import front_svg
from crd_keras.report.number_texts import macs_text, metric_text
from crd_keras.report.wide_table import wide_table

# What students are compared by, and how the table shows it.
_QUANTITIES = {
    "parameters": ("parameters", "{:,}".format),
    "macs": ("MACs, true", macs_text),
    "bytes": ("bytes", "{:,}".format),
    "latency_ms": ("latency, ms", "{:.3g}".format),
}

_NOTES = [
    "The line joins the front: the students that no other one beats, being both as "
    "small and as good. The ring marks the chosen one: the best within the budget."
]
_PALE = "Pale: over the budget."
_MEASURED = (
    "Bytes: of the TFLite file in float32. Latency: what LiteRT takes for an image "
    "on the machine of the run, a median."
)


def front_section(
    points: Sequence[StudentPoint], metric: str, higher_is_better: bool
) -> str:
    """A picture and a table of what students cost and how good they are, as HTML.

    What has not been measured of all of them is left out.

    Args:
        points: The students.
        metric: Name of the metric of their scores.
        higher_is_better: Whether a higher score is the better one.
    """
    quantities = {
        name: entry
        for name, entry in _QUANTITIES.items()
        if all(getattr(point, name) is not None for point in points)
    }
    scored = [point for point in points if math.isfinite(point.score)]
    figures, fronts = [], {}
    for name, (title, _) in quantities.items():
        fronts[title] = front(points, name, higher_is_better)
        if scored:
            svg = front_svg(scored, name, higher_is_better)
            caption = escape(f"{metric} by {title}")
            figures.append(f"<figure><figcaption>{caption}</figcaption>{svg}</figure>")
    rows = [
        [
            point.name,
            *(text(getattr(point, name)) for name, (_, text) in quantities.items()),
            metric_text(point.score),
            _marks(point, fronts),
        ]
        for point in points
    ]
    better = "higher" if higher_is_better else "lower"
    notes = [f"{metric}: {better} is better.", *_NOTES]
    if not all(point.is_allowed for point in points):
        notes.append(_PALE)
    if "bytes" in quantities:
        notes.append(_MEASURED)
    titles = [title for title, _ in quantities.values()]
    table = wide_table(["student", *titles, metric, "remarks"], rows, notes)
    return (
        "<section><h2>Students by size</h2>"
        f'<div class="front">{"".join(figures)}</div>{table}</section>'
    )


def _marks(point, fronts):
    """What is to be said of a student, in words."""
    marks = []
    if point.is_chosen:
        marks.append("chosen")
    if not point.is_allowed:
        marks.append("over the budget")
    on = [title for title, best in fronts.items() if point in best]
    if on:
        everywhere = len(on) == len(fronts)
        marks.append("on the front" + ("" if everywhere else f" of {' and '.join(on)}"))
    return ", ".join(marks)
