"""The front of a family of students: how good they are for their size."""

import dataclasses


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
