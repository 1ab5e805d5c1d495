"""Training curves for the report, as small SVG charts."""

import io
import re

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Drawn in these, then handed to the page's style sheet: light and dark.
_INK, _ACCENT, _FAINT = "#010203", "#040506", "#070809"
_PAGE_COLOURS = {
    _INK: "currentColor",
    _ACCENT: "var(--accent)",
    _FAINT: "var(--line)",
}
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 8,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.color": _FAINT,
    "ytick.labelcolor": _INK,
}


def curve_svg(
    epochs: np.ndarray,
    values: np.ndarray,
    validation: np.ndarray | None = None,
    join_gaps: bool = False,
    marked_epoch: int | None = None,
) -> str:
    """Draws one curve over the epochs as an `<svg>` element to put into a page.

    Its colours are the page's text colour and its variables `--accent` and
    `--line`.

    Args:
        epochs: `(points,)`, numbers of the epochs.
        values: `(points,)`; what is not finite is left out.
        validation: `(points,)`, drawn dashed beside the values.
        join_gaps: Whether the line runs on over points that are left out.
        marked_epoch: The epoch whose point, if there is one, gets a ring.
    """
    # The caller's pyplot figures and styles are left alone, and do not matter here.
    with matplotlib.style.context(["default", _STYLE]):
        figure = Figure(figsize=(3.2, 1.75), layout="constrained")
        axes = figure.add_subplot()
        curves = [(values, "-")]
        if validation is not None:
            curves.append((validation, "--"))
        for numbers, style in curves:
            x, y = epochs, np.where(np.isfinite(numbers), numbers, np.nan)
            if join_gaps:
                x, y = x[np.isfinite(y)], y[np.isfinite(y)]
            # Markers, because a point between two gaps has no line.
            axes.plot(x, y, style, color=_ACCENT, lw=1.3, marker="o", markersize=2)
        if marked_epoch is not None:
            marked = epochs == marked_epoch
            axes.plot(
                epochs[marked],
                values[marked],
                "o",
                color=_ACCENT,
                markersize=8,
                fillstyle="none",
            )
        axes.set_xlabel("epoch", labelpad=1)
        axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.ticklabel_format(axis="y", useOffset=False, scilimits=(-3, 5))
        file = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return _for_a_page(file.getvalue())


def _for_a_page(svg: str) -> str:
    """Leaves the XML head away, takes the page's colours and only needed ids."""
    svg = svg[svg.index("<svg") :]
    for colour, name in _PAGE_COLOURS.items():
        svg = svg.replace(colour, name)
    # Charts of one page would repeat ids. Those referred to are hashes of what
    # they name, so that a repeated one means the same.
    needed = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([\w.-]+)"', lambda m: m[0] if m[1] in needed else "", svg)
    return re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
