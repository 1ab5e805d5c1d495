"""Charts in the colours of a page, as `<svg>` elements to put into it."""

import io
import re
from collections.abc import Callable
from typing import NamedTuple

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure


class LineStyle(NamedTuple):
    """How a line is drawn.

    Attributes:
        colour: What matplotlib draws it in.
        dashes: Lengths of lines and gaps in line widths, none if it is solid.
    """

    colour: str
    dashes: tuple[float, ...] = ()


# Drawn in these, then handed to the page's style sheet: light and dark.
INK, ACCENT, _FAINT = "#010203", "#040506", "#070809"
_PAGE_COLOURS = {
    INK: "currentColor",
    ACCENT: "var(--accent)",
    _FAINT: "var(--line)",
}
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": _FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": _FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": _FAINT,
    "ytick.labelcolor": INK,
}

ACCENT_STYLE = LineStyle(ACCENT)
"""Of a line that needs no legend."""

# As far from white as from the dark page, at least 3 to 1.
_COLOURS = ("#3b82c4", "#d0691a", "#2f9153", "#cf4177", "#8667cf", "#857645")

LINE_STYLES = [
    LineStyle(colour, dashes) for dashes in ((), (1.0, 1.2)) for colour in _COLOURS
]
"""Of lines that a legend explains: as many as can be told apart."""


def chart_svg(
    draw: Callable[[Axes], None], size: tuple[float, float] = (3.2, 1.75)
) -> str:
    """Draws a chart.

    Its colours are the page's text colour and its variables `--accent` and `--line`.
    The caller's pyplot figures and styles are left alone, and do not matter.

    Args:
        draw: Draws into the chart's axes.
        size: Width and height in inches. The page scales the chart to its column, so
            that a smaller one has larger letters there.
    """
    with matplotlib.style.context(["default", _STYLE]):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
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
