"""The report of a run: one HTML page that needs nothing but itself."""

import base64
import dataclasses
import io
import math
import os
from collections.abc import Collection, Mapping, Sequence
from html import escape

import numpy as np
from PIL import Image

from crd_keras.complexity import Complexity
from crd_keras.report.curves import curve_svg
from crd_keras.report.front import StudentPoint
from crd_keras.report.html_page import html_page
from crd_keras.report.read_metrics import read_metrics
from crd_keras.utils.files import atomic_write

_MISSING = "–"


@dataclasses.dataclass(frozen=True)
class NetworkRow:
    """One row of the report's table.

    Attributes:
        name: What the row is about, such as `"student"`.
        complexity: Its size; `None` where there is no network, as for the
            untranslated input.
        metrics: Values by the metric's name.
    """

    name: str
    complexity: Complexity | None = None
    metrics: Mapping[str, float] = dataclasses.field(default_factory=dict)


def write_report(
    path: str | os.PathLike,
    *,
    title: str,
    label: str,
    rows: Sequence[NetworkRow],
    image_size: tuple[int, int],
    higher_is_better: Collection[str] = (),
    protocols: Sequence[str] = (),
    front: Sequence[StudentPoint] = (),
    grid: str | os.PathLike | None = None,
    grid_caption: str = "",
    history: str | os.PathLike | None = None,
    metric_columns: Mapping[str, int | None] | None = None,
    sections: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    """Writes a run's report as one HTML page without scripts or links.

    Args:
        path: The page. An old one is replaced, whole or not at all.
        title: Heading of the page.
        label: What was trained on which data with which preset, in a banner that
            cannot be overlooked: "Built-in sample, quick preset: not a result on
            horse2zebra".
        rows: The table. Ratios are to the first row that has a complexity.
        image_size: `(height, width)` that the MACs were counted at.
        higher_is_better: Names of the metrics of which it is; of the others lower is.
        protocols: Lines that say how the metrics were measured; see
            `ImageMetric.describe`.
        front: The students of a family. Their metric is the first one of `rows`.
        grid: Picture file to show, such as the last one of `ImageGrid`.
        grid_caption: What the picture shows.
        history: `metrics.csv` as `crd_keras.callbacks.CSVLogger` writes it.
        metric_columns: Its columns that are metrics, evaluated every few epochs (the
            others are losses), each with its best epoch, counted from 0, which is
            marked.
        sections: Tables of names and values by heading: settings, data, weights,
            versions...

    Raises:
        ValueError: If `history` has no column `epoch`.
        OSError: If a file cannot be read or written.
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="label" role="note">{escape(label)}</p>',
        _table(rows, image_size, higher_is_better, protocols),
    ]
    if grid is not None:
        parts.append(_picture(grid, grid_caption))
    if history is not None:
        parts.append(_curves(read_metrics(history), metric_columns or {}))
    for heading, entries in (sections or {}).items():
        parts.append(_section(heading, entries))
    atomic_write(path, html_page(title, "\n".join(parts)).encode("utf-8"))


def _table(
    rows: Sequence[NetworkRow],
    image_size: tuple[int, int],
    higher_is_better: Collection[str],
    protocols: Sequence[str],
) -> str:
    sized = [row for row in rows if row.complexity is not None]
    names = list(dict.fromkeys(name for row in rows for name in row.metrics))
    heads = ["network", "parameters", "ratio", "MACs, paper’s way", "ratio"]
    heads += ["MACs, true", "ratio", *names]
    lines = []
    for row in rows:
        cells = _size_cells(row.complexity, sized[0].complexity if sized else None)
        for name in names:
            cells.append(
                _metric(row.metrics[name]) if name in row.metrics else _MISSING
            )
        name = f'<th scope="row">{escape(row.name)}</th>'
        lines.append(f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    notes = [
        f"MACs: multiply-accumulates for one image of {image_size[0]} x "
        f"{image_size[1]}. The paper’s way counts transposed convolutions at their "
        "output resolution, and normalisations with a scale or offset."
    ]
    if sized:
        notes.append(f"Ratios: how many times smaller than “{sized[0].name}”.")
    for better in ("lower", "higher"):
        group = [n for n in names if (n in higher_is_better) == (better == "higher")]
        if group:
            notes.append(f"{', '.join(group)}: {better} is better.")
    notes += protocols
    return (
        '<section><h2>Numbers</h2><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        f'<ul class="notes">{"".join(f"<li>{escape(n)}</li>" for n in notes)}</ul>'
        "</section>"
    )


def _size_cells(size: Complexity | None, largest: Complexity | None) -> list[str]:
    if size is None or largest is None:
        return [_MISSING] * 6
    return [
        f"{size.parameters:,}",
        _ratio(largest.parameters, size.parameters),
        _macs(size.macs_paper),
        _ratio(largest.macs_paper, size.macs_paper),
        _macs(size.macs),
        _ratio(largest.macs, size.macs),
    ]


def _ratio(largest: int, size: int) -> str:
    return f"{largest / size:.1f}×" if size else _MISSING


def _macs(macs: int) -> str:
    unit, name = (1e9, "G") if macs >= 1e8 else (1e6, "M")
    value = macs / unit
    return f"{value:.{2 if value >= 10 else 3}f} {name}"


def _metric(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "not finite"


def _picture(path: str | os.PathLike, caption: str) -> str:
    # Read and written anew: whatever the file is, a PNG of pixels goes in.
    with Image.open(path) as image:
        file = io.BytesIO()
        image.convert("RGB").save(file, format="png", optimize=True)
        width, height = image.size
    data = base64.b64encode(file.getvalue()).decode("ascii")
    caption = escape(caption or "Input, teacher and student")
    return (
        '<section><h2>Pictures</h2><figure class="grid">'
        f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}"'
        f' alt="{caption}"><figcaption>{caption}</figcaption></figure></section>'
    )


def _curves(
    columns: dict[str, np.ndarray], metric_columns: Mapping[str, int | None]
) -> str:
    epochs = columns.pop("epoch") + 1  # the logger counts from 0
    # The logger makes columns for a validation even where there is none.
    columns = {n: x for n, x in columns.items() if np.isfinite(x).any()}
    groups: dict[str, list[str]] = {
        "Metric": [],
        "Student": [],
        "Teacher": [],
        "Discriminators": [],
    }
    for name, values in columns.items():
        trained_name = name.removeprefix("val_")
        if trained_name != name and trained_name in columns:
            continue  # drawn beside the one without the prefix
        figure = _curve(
            name,
            epochs,
            values,
            columns.get(f"val_{name}"),
            is_metric=name in metric_columns,
            best=metric_columns.get(name),
        )
        groups.setdefault(_group(trained_name, metric_columns), []).append(figure)
    if not any(groups.values()):
        return "<section><h2>Curves</h2><p>No epoch has been logged.</p></section>"
    parts = [
        f'<h3>{escape(group)}</h3><div class="curves">{"".join(figures)}</div>'
        for group, figures in groups.items()
        if figures
    ]
    note = "Means over an epoch. Loss terms are drawn without their weights."
    if any(name.startswith("val_") for name in columns):
        note += " Dashed: validation."
    return (
        f'<section><h2>Curves</h2><p class="notes">{note}</p>{"".join(parts)}</section>'
    )


def _group(name: str, metric_columns: Collection[str]) -> str:
    """Where a column belongs, by the names that `CRDTrainer` logs."""
    if name in metric_columns:
        return "Metric"
    if "learning_rate" in name:
        return "Learning rate"
    if "discriminator" in name:
        return "Discriminators"
    return "Teacher" if name.startswith("teacher_") else "Student"


def _curve(name, epochs, values, validation, is_metric, best):
    number = f"{values[np.isfinite(values)][-1]:.4g}"
    best = None if best is None else best + 1  # counted from 1 here
    if best in epochs:
        number = f"best {values[epochs == best][0]:.4g} (epoch {best})"
    caption = f"{escape(name)} <b>{number}</b>"
    svg = curve_svg(epochs, values, validation, join_gaps=is_metric, marked_epoch=best)
    return f"<figure><figcaption>{caption}</figcaption>{svg}</figure>"


def _section(heading: str, entries: Mapping[str, object]) -> str:
    lines = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        f"<td>{escape(str(value))}</td></tr>"
        for name, value in entries.items()
    )
    return (
        f"<section><h2>{escape(heading)}</h2>"
        f'<table class="entries"><tbody>{lines}</tbody></table></section>'
    )
