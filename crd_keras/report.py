"""The report of a run: one HTML page that needs nothing but itself."""

import base64
import dataclasses
import io
import math
import os
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from PIL import Image

from crd_keras.atomic_write import atomic_write
from crd_keras.complexity import Complexity
from crd_keras.curves import curve_svg, read_metrics

_MISSING = "–"


@dataclasses.dataclass(frozen=True)
class NetworkRow:
    """One row of the report's table.

    Attributes:
        name: What the row is about, such as `"student"`.
        complexity: Its size; `None` where there is no network, as for the
            untranslated input.
        metrics: Values by the metric's name, lower is better.
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
    protocols: Sequence[str] = (),
    grid: str | os.PathLike | None = None,
    grid_caption: str = "",
    history: str | os.PathLike | None = None,
    metric_columns: Sequence[str] = (),
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
        protocols: A line for each metric that says how it was measured; see
            `ImageSetMetric.describe`.
        grid: Picture file to show, such as the last one of `ImageGrid`.
        grid_caption: What the picture shows.
        history: `metrics.csv` as `keras.callbacks.CSVLogger` writes it.
        metric_columns: Its columns that are metrics, evaluated every few epochs;
            the others are losses.
        sections: Tables of names and values by heading: settings, data, weights,
            versions...

    Raises:
        ValueError: If `history` has no column `epoch`.
        OSError: If a file cannot be read or written.
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="label" role="note">{escape(label)}</p>',
        _table(rows, image_size, protocols),
    ]
    if grid is not None:
        parts.append(_picture(grid, grid_caption))
    if history is not None:
        parts.append(_curves(read_metrics(history), metric_columns))
    for heading, entries in (sections or {}).items():
        parts.append(_section(heading, entries))
    page = _PAGE.format(title=escape(title), style=_STYLE, body="\n".join(parts))
    atomic_write(path, page.encode("utf-8"))


def _table(
    rows: Sequence[NetworkRow], image_size: tuple[int, int], protocols: Sequence[str]
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
    if names:
        notes.append(f"{', '.join(names)}: lower is better.")
    notes += protocols
    return (
        '<section><h2>Numbers</h2><div class="scroll"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        f'<ul class="notes">{"".join(f"<li>{escape(n)}</li>" for n in notes)}</ul>'
        "</section>"
    )


def _size_cells(size: Complexity | None, largest: Complexity | None) -> list[str]:
    if size is None:
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
    return f"{value:.2f}" if math.isfinite(value) else "not finite"


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


def _curves(columns: dict[str, np.ndarray], metric_columns: Sequence[str]) -> str:
    epochs = columns.pop("epoch") + 1  # the logger counts from 0
    # The logger makes columns for a validation even where there is none.
    columns = {n: x for n, x in columns.items() if np.isfinite(x).any()}
    groups = {"Metric": [], "Student": [], "Teacher": [], "Discriminators": []}
    for name, values in columns.items():
        trained_name = name.removeprefix("val_")
        if trained_name != name and trained_name in columns:
            continue  # drawn beside the one without the prefix
        figure = _curve(
            name,
            epochs,
            values,
            columns.get(f"val_{name}"),
            join_gaps=name in metric_columns,
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


def _group(name: str, metric_columns: Sequence[str]) -> str:
    """Where a column belongs, by the names that `CRDTrainer` logs."""
    if name in metric_columns:
        return "Metric"
    if "learning_rate" in name:
        return "Learning rate"
    if "discriminator" in name:
        return "Discriminators"
    return "Teacher" if name.startswith("teacher_") else "Student"


def _curve(name, epochs, values, validation, join_gaps) -> str:
    last = values[np.isfinite(values)][-1]
    caption = f"{escape(name)} <b>{last:.4g}</b>"
    svg = curve_svg(epochs, values, validation, join_gaps)
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


# The policy makes the browser keep the promise: the page loads nothing.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """
:root {
  --paper: #fff; --ink: #1d2127; --quiet: #5b6470; --line: #d9dde3;
  --accent: #2166ac; --label: #fff3cd; --label-ink: #5c4300; --label-edge: #e0a800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7eb; --quiet: #9aa4b1; --line: #3a414b;
    --accent: #6cb0f5; --label: #3a2f0b; --label-ink: #ffe39b; --label-edge: #b58900;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif;
}
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .8rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
h1, td, th, li, .label { overflow-wrap: anywhere; }
.label {
  margin: 0; padding: .7rem 1rem; font-weight: 600; border-radius: .4rem;
  background: var(--label); color: var(--label-ink);
  border-left: .4rem solid var(--label-edge);
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td {
  padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top;
}
.scroll table { width: 100%; }
.scroll th, .scroll td { text-align: right; white-space: nowrap; }
.scroll th:first-child {
  text-align: left; white-space: normal; overflow-wrap: normal;
  position: sticky; left: 0; background: var(--paper);
}
.scroll td { font-variant-numeric: tabular-nums; }
thead th { color: var(--quiet); font-weight: 600; }
.notes { color: var(--quiet); font-size: .875rem; padding-left: 1.1rem; }
p.notes { padding: 0; margin: 0; }
.entries { width: 100%; font-size: .9rem; }
.entries th { width: 14rem; max-width: 40%; font-weight: 500; color: var(--quiet); }
figure { margin: 0; }
.grid img { max-width: 100%; height: auto; border-radius: .3rem; display: block; }
figcaption { color: var(--quiet); font-size: .875rem; }
.curves {
  display: grid; gap: 1rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
}
.curves svg { width: 100%; height: auto; display: block; }
@media (max-width: 40rem) {
  .scroll { font-size: .875rem; }
  .entries th { width: auto; }
}
.curves b { float: right; color: var(--ink); font-variant-numeric: tabular-nums; }
"""
