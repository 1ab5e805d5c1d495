"""Training curves for the report, as small SVG charts."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from crd_keras.report.charts import ACCENT_STYLE, LineStyle, chart_svg


@dataclasses.dataclass(frozen=True)
class Curve:
    """A curve of a chart.

    Attributes:
        values: `(points,)`; what is not finite is left out.
        validation: `(points,)`, drawn dashed beside the values.
        marked_epoch: The epoch whose point, if there is one, gets a ring.
        style: How it is drawn.
    """

    values: np.ndarray
    validation: np.ndarray | None = None
    marked_epoch: int | None = None
    style: LineStyle = ACCENT_STYLE


def curves_svg(
    epochs: np.ndarray, curves: Sequence[Curve], join_gaps: bool = False
) -> str:
    """Draws curves over the epochs as an `<svg>` element to put into a page.

    Args:
        epochs: `(points,)`, numbers of the epochs.
        curves: One or more.
        join_gaps: Whether the lines run on over points that are left out.
    """

    def draw(axes):
        for curve in curves:
            _draw(axes, epochs, curve, join_gaps)
        axes.set_xlabel("epoch", labelpad=1)
        axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.ticklabel_format(axis="y", useOffset=False, scilimits=(-3, 5))

    return chart_svg(draw)


def _draw(axes, epochs, curve, join_gaps):
    colour, dashes = curve.style
    lines = [(curve.values, (0, dashes) if dashes else "-")]
    if curve.validation is not None:
        lines.append((curve.validation, "--"))
    for numbers, style in lines:
        x, y = epochs, np.where(np.isfinite(numbers), numbers, np.nan)
        if join_gaps:
            x, y = x[np.isfinite(y)], y[np.isfinite(y)]
        # Markers, because a point between two gaps has no line.
        axes.plot(x, y, ls=style, color=colour, lw=1.3, marker="o", markersize=2)
    if curve.marked_epoch is not None:
        marked = epochs == curve.marked_epoch
        axes.plot(
            epochs[marked],
            curve.values[marked],
            "o",
            color=colour,
            markersize=8,
            fillstyle="none",
        )
