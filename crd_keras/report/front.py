"""The front of a family of students: how good they are for their size."""

import dataclasses
import math
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class StudentPoint:
    """A student of a family.

    Attributes:
        name: Its name.
        score: What the metric says that chose the best.
        parameters: Number of its weights.
        macs: True multiply-accumulates of an image.
        bytes: Of its TFLite file in float32; `None` if it was not measured.
        latency_ms: Milliseconds that LiteRT takes for an image; `None` if it was not
            measured.
        is_allowed: Whether it is within the budget.
        is_chosen: Whether it is the best of those.
    """

    name: str
    score: float
    parameters: int
    macs: int
    bytes: int | None
    latency_ms: float | None
    is_allowed: bool
    is_chosen: bool


def front(
    points: Sequence[StudentPoint], quantity: str, higher_is_better: bool
) -> list[StudentPoint]:
    """The students that no other one beats, the smallest first.

    A student beats another if it is no larger and no worse, and smaller or better. A
    score that is not finite beats none.

    Args:
        points: The students.
        quantity: What their size is measured by: the name of an attribute, such as
            `"macs"`, that none of them lacks.
        higher_is_better: Whether a higher score is the better one.
    """
    sign = -1 if higher_is_better else 1
    ranks = [
        (getattr(point, quantity), sign * point.score, point)
        for point in points
        if math.isfinite(point.score)
    ]
    return [
        point
        for size, badness, point in sorted(ranks, key=lambda rank: rank[:2])
        if not any(
            s <= size and b <= badness and (s, b) != (size, badness)
            for s, b, _ in ranks
        )
    ]
