"""The part of the report that draws the logs of a training."""

from collections.abc import Collection, Mapping, Sequence
from html import escape

import numpy as np

from crd_keras.report.charts import ACCENT_STYLE, LINE_STYLES, LineStyle
from crd_keras.report.curves import Curve, curves_svg
from crd_keras.report.number_texts import metric_text

_EMPTY = "<section><h2>Curves</h2><p>No epoch has been logged.</p></section>"


def curves_section(
    columns: Mapping[str, np.ndarray],
    metric_columns: Mapping[str, int | None],
    students: Sequence[str] = (),
) -> str:
    """A chart for each loss and each metric, as HTML.

    Students of a family share the charts, with a line each, up to as many as there are
    line styles.

    Args:
        columns: From `read_metrics`.
        metric_columns: Those of a metric, each with its best epoch, counted from 0.
        students: Names of a family. A student's columns begin with its name and a
            slash.
    """
    epochs = columns["epoch"] + 1  # the logger counts from 0
    # The logger makes columns for a validation even where there is none.
    columns = {
        n: x for n, x in columns.items() if n != "epoch" and np.isfinite(x).any()
    }
    styles = dict(zip(students, LINE_STYLES, strict=False))
    family = "Students" if students else "Student"
    groups: dict[str, list[str]] = {
        name: [] for name in ("Metric", family, "Teacher", "Discriminators")
    }
    for title, names in _charts(columns, students).items():
        curves = []
        for name in names:
            student, _ = _student_and_title(name, students)
            if student is not None and student not in styles:
                continue
            best = metric_columns.get(name)
            curves.append(
                Curve(
                    columns[name],
                    columns.get(f"val_{name}"),
                    None if best is None else best + 1,  # counted from 1 here
                    ACCENT_STYLE if student is None else styles[student],
                )
            )
        is_metric = any(name in metric_columns for name in names)
        figure = _figure(title, epochs, _joined(curves, len(styles)), is_metric)
        group = "Metric" if is_metric else _group(title, family)
        groups.setdefault(group, []).append(figure)
    if not any(groups.values()):
        return _EMPTY
    parts = [
        f'<h3>{escape(group)}</h3><div class="curves">{"".join(figures)}</div>'
        for group, figures in groups.items()
        if figures
    ]
    note = "Means over an epoch. Loss terms are drawn without their weights."
    if any(name.startswith("val_") for name in columns):
        note += " Dashed: validation."
    if len(styles) > 1:
        note += " A ring marks a student’s best epoch."
    if len(styles) < len(students):
        note += f" The first {len(styles)} of {len(students)} students are drawn."
    return (
        f'<section><h2>Curves</h2><p class="notes">{note}</p>'
        f"{_legend(styles)}{''.join(parts)}</section>"
    )


def _charts(columns: Collection[str], students: Sequence[str]) -> dict[str, list[str]]:
    """The columns of each chart by its title, in the students' order."""
    charts: dict[str, list[str]] = {}
    for name in columns:
        trained_name = name.removeprefix("val_")
        if trained_name != name and trained_name in columns:
            continue  # drawn beside the one without the prefix
        _, title = _student_and_title(name, students)
        charts.setdefault(title, []).append(name)
    order = {name: place for place, name in enumerate(students)}
    for names in charts.values():
        names.sort(key=lambda name: order.get(name.partition("/")[0], -1))
    return charts


def _student_and_title(name: str, students: Collection[str]) -> tuple[str | None, str]:
    student, _, title = name.partition("/")
    return (student, title) if title and student in students else (None, name)


def _joined(curves: list[Curve], students: int) -> list[Curve]:
    """One curve in place of those of all students, if they are alike."""
    if len(curves) != students or not all(
        np.array_equal(curve.values, curves[0].values, equal_nan=True)
        for curve in curves
    ):
        return curves
    first = curves[0]
    return [Curve(first.values, first.validation, first.marked_epoch)]


def _group(title: str, family: str) -> str:
    """Where a loss belongs, by the names that `CRDTrainer` logs."""
    if "learning_rate" in title:
        return "Learning rate"
    if "discriminator" in title:
        return "Discriminators"
    return "Teacher" if title.startswith("teacher_") else family


def _figure(title, epochs, curves, is_metric):
    caption = escape(title)
    if len(curves) == 1:
        caption += f" <b>{_number(epochs, curves[0])}</b>"
    svg = curves_svg(epochs, curves, join_gaps=is_metric)
    return f"<figure><figcaption>{caption}</figcaption>{svg}</figure>"


def _number(epochs, curve):
    values, best = curve.values, curve.marked_epoch
    if best in epochs:
        return f"best {metric_text(values[epochs == best][0])} (epoch {best})"
    return metric_text(values[np.isfinite(values)][-1])


def _legend(styles: Mapping[str, LineStyle]) -> str:
    if len(styles) < 2:
        return ""
    items = []
    for name, (colour, dashes) in styles.items():
        dash = " ".join(str(2 * length) for length in dashes) or "none"
        items.append(
            '<li><svg width="26" height="8" aria-hidden="true"><path d="M0 4H26" '
            f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/></svg> '
            f"{escape(name)}</li>"
        )
    return f'<ul class="legend">{"".join(items)}</ul>'
