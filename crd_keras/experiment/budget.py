"""Which students are small enough, and the best of them."""

from collections.abc import Mapping

from crd_keras.experiment.settings import Settings
from crd_keras.experiment.student_sizes import StudentSize
from crd_keras.metrics import ImageMetric

# Settings and what of a size they limit.
_LIMITS = {
    "max_parameters": "parameters",
    "max_macs": "macs",
    "max_bytes": "bytes",
    "max_latency_ms": "latency_ms",
}


def within_budget(sizes: Mapping[str, StudentSize], settings: Settings) -> list[str]:
    """The names of the students that no limit of the settings excludes.

    Args:
        sizes: The students' sizes by name.
        settings: Their `max_parameters`, `max_macs`, `max_bytes` and `max_latency_ms`.

    Raises:
        ValueError: If there is none. It names the smallest.
    """
    allowed = list(sizes)
    for limit, quantity in _LIMITS.items():
        most = getattr(settings, limit)
        if most is None:
            continue
        values = {name: getattr(sizes[name], quantity) for name in allowed}
        allowed = [name for name, value in values.items() if value <= most]
        if not allowed:
            smallest = min(values, key=values.__getitem__)
            raise ValueError(
                f"`--{limit}` must leave a student. The smallest of those that the "
                f"other limits leave is {smallest} with {values[smallest]:,}. "
                f"Received: {most:,}"
            )
    return allowed


def choose_student(
    scores: Mapping[str, float], allowed: list[str], metric: ImageMetric
) -> str:
    """The best of the allowed students by a metric, the first of equals.

    Args:
        scores: Scores by the students' names.
        allowed: From `within_budget`.
        metric: What the scores are of.
    """
    best = allowed[0]
    for name in allowed[1:]:
        if metric.is_better(scores[name], than=scores[best]):
            best = name
    return best
