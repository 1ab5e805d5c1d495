"""The picture of a family's front, as small SVG charts."""

from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

from crd_keras.report.charts import ACCENT, chart_svg
from crd_keras.report.front import StudentPoint, front

# Sizes that are further apart than this factor are drawn on a logarithmic axis.
_LARGEST_LINEAR_RATIO = 4
_PALE = 0.4

# Where a name may stand, in points from its student, the better places first: the
# place, and the side of the name that stands there.
_PLACES = [
    (x * distance, y * distance, side)
    for distance in (5, 8, 12, 16)
    for x, y, side in (
        (1, 0, "left"),
        (-1, 0, "right"),
        (0.5, 1.3, "left"),
        (0.5, -1.3, "left"),
        (-0.5, 1.3, "right"),
        (-0.5, -1.3, "right"),
        (0, 1.7, "center"),
        (0, -1.7, "center"),
    )
]


def front_svg(
    points: Sequence[StudentPoint], quantity: str, higher_is_better: bool
) -> str:
    """Draws the score against a size as an `<svg>` element to put into a page.

    The chosen student has a ring, those over the budget are pale, and a line joins the
    front. A name that finds no room is left out.

    Args:
        points: The students, with finite scores.
        quantity: What their size is measured by: the name of an attribute, such as
            `"macs"`, that none of them lacks.
        higher_is_better: Whether a higher score is the better one.
    """
    # The chosen one gets the best place for its name.
    points = sorted(points, key=lambda point: not point.is_chosen)
    sizes = [getattr(point, quantity) for point in points]
    best = front(points, quantity, higher_is_better)

    def draw(axes):
        axes.plot(
            [getattr(point, quantity) for point in best],
            [point.score for point in best],
            color=ACCENT,
            lw=1,
        )
        for size, point in zip(sizes, points, strict=True):
            style = {"color": ACCENT, "alpha": 1 if point.is_allowed else _PALE}
            axes.plot(size, point.score, "o", ms=4, **style)
            if point.is_chosen:
                axes.plot(size, point.score, "o", ms=9, fillstyle="none", **style)
        _set_scale(axes, quantity, sizes)
        axes.margins(0.1, 0.2)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        _draw_names(axes, sizes, points)

    return chart_svg(draw, (2.4, 1.9))


def _set_scale(axes, quantity, sizes):
    axis = axes.xaxis
    if min(sizes) > 0 and max(sizes) > _LARGEST_LINEAR_RATIO * min(sizes):
        axes.set_xscale("log")
        is_wide = max(sizes) > 20 * min(sizes)
        axis.set_major_locator(LogLocator(subs=(1, 3) if is_wide else (1, 2, 5)))
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(MaxNLocator(4))
    # Thousandths of a millisecond are no unit.
    axis.set_major_formatter("{x:g}" if quantity == "latency_ms" else EngFormatter())


def _draw_names(axes, sizes, points):
    """Writes each name where it covers no point and no other name, if there is room."""
    figure = axes.figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()  # Only now it is known where the points are.
    frame = Bbox.from_extents(
        figure.bbox.x0, axes.bbox.y0, figure.bbox.x1, figure.bbox.y1
    )
    taken = []
    for size, point in zip(sizes, points, strict=True):
        x, y = axes.transData.transform((size, point.score))
        radius = 7 if point.is_chosen else 3
        taken.append(Bbox.from_extents(x - radius, y - radius, x + radius, y + radius))
    for size, point in zip(sizes, points, strict=True):
        name = axes.annotate(
            point.name,
            (size, point.score),
            (0, 0),
            textcoords="offset points",
            fontsize=7,
            va="center",
            alpha=1 if point.is_allowed else _PALE,
            in_layout=False,
        )
        for *offset, side in _PLACES:
            name.set_position(offset)
            name.set_ha(side)
            box = name.get_window_extent(renderer)
            is_inside = frame.contains(*box.min) and frame.contains(*box.max)
            if is_inside and not box.count_overlaps(taken):
                taken.append(box)
                break
        else:
            name.remove()
