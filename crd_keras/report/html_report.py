"""The report of a run: one HTML page that needs nothing but itself."""

import base64
import dataclasses
import io
import os
from collections.abc import Collection, Mapping, Sequence
from html import escape

from PIL import Image

from crd_keras.complexity import Complexity
from crd_keras.report.curves_section import curves_section
from crd_keras.report.front import StudentPoint
from crd_keras.report.front_section import front_section
from crd_keras.report.html_page import html_page
from crd_keras.report.number_texts import MISSING, macs_text, metric_text
from crd_keras.report.read_metrics import read_metrics
from crd_keras.report.wide_table import wide_table
from crd_keras.utils.files import atomic_write


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
        _numbers(rows, image_size, higher_is_better, protocols),
    ]
    if front:
        metric = _metric_names(rows)[0]
        parts.append(front_section(front, metric, metric in higher_is_better))
    if grid is not None:
        parts.append(_picture(grid, grid_caption))
    if history is not None:
        students = [point.name for point in front]
        columns = read_metrics(history)
        parts.append(curves_section(columns, metric_columns or {}, students))
    for heading, entries in (sections or {}).items():
        parts.append(_section(heading, entries))
    atomic_write(path, html_page(title, "\n".join(parts)).encode("utf-8"))


def _numbers(
    rows: Sequence[NetworkRow],
    image_size: tuple[int, int],
    higher_is_better: Collection[str],
    protocols: Sequence[str],
) -> str:
    sized = [row for row in rows if row.complexity is not None]
    names = _metric_names(rows)
    head = ["network", "parameters", "ratio", "MACs, paper’s way", "ratio"]
    head += ["MACs, true", "ratio", *names]
    lines = []
    for row in rows:
        cells = _size_cells(row.complexity, sized[0].complexity if sized else None)
        for name in names:
            cells.append(
                metric_text(row.metrics[name]) if name in row.metrics else MISSING
            )
        lines.append([row.name, *cells])
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
    table = wide_table(head, lines, [*notes, *protocols])
    return f"<section><h2>Numbers</h2>{table}</section>"


def _metric_names(rows: Sequence[NetworkRow]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.metrics))


def _size_cells(size: Complexity | None, largest: Complexity | None) -> list[str]:
    if size is None or largest is None:
        return [MISSING] * 6
    return [
        f"{size.parameters:,}",
        _ratio(largest.parameters, size.parameters),
        macs_text(size.macs_paper),
        _ratio(largest.macs_paper, size.macs_paper),
        macs_text(size.macs),
        _ratio(largest.macs, size.macs),
    ]


def _ratio(largest: int, size: int) -> str:
    return f"{largest / size:.1f}×" if size else MISSING


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
