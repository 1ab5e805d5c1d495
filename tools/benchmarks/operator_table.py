"""Where the time of an exported file goes, operator by operator."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from crd_keras.utils.text_table import text_table

# XNNPACK takes convolutions of one pixel for fully connected layers.
_CONVOLUTIONS = ("conv", "fully connected")


def operator_shares(
    runs: Sequence[Sequence[tuple[str, float]]],
) -> list[dict[str, Any]]:
    """Sums of operators of the same kind.

    Args:
        runs: For each run the operators and their seconds, as a profiler gives them.

    Returns:
        For each kind of operator its name, how many there are, the seconds of all of
        them, the median of the runs, and their share of all operators' seconds. The
        slowest come first.
    """
    names = sorted({name for name, _ in runs[0]})
    operators = [
        {
            "operator": name,
            "count": sum(other == name for other, _ in runs[0]),
            "seconds": statistics.median(
                sum(seconds for other, seconds in run if other == name) for run in runs
            ),
        }
        for name in names
    ]
    total = sum(each["seconds"] for each in operators)
    operators.sort(key=lambda each: -each["seconds"])
    return [{**each, "share": each["seconds"] / total} for each in operators]


def convolution_share(operators: Sequence[Mapping[str, Any]]) -> float:
    """The share of the operators' seconds that convolutions take."""
    return sum(
        each["share"]
        for each in operators
        if any(kind in each["operator"].lower() for kind in _CONVOLUTIONS)
    )


def operator_table(operators: Sequence[Mapping[str, Any]]) -> str:
    """What `operator_shares` gave, as text."""
    rows = [("operator", "count", "time", "share")]
    for each in operators:
        milliseconds = 1000 * each["seconds"]
        share = f"{each['share']:.1%}"
        row = (each["operator"], str(each["count"]), f"{milliseconds:.3f} ms", share)
        rows.append(row)
    total = 1000 * sum(each["seconds"] for each in operators)
    share = f"{convolution_share(operators):.1%}"
    rows.append(("convolutions", "", "", share))
    count = str(sum(each["count"] for each in operators))
    rows.append(("all", count, f"{total:.3f} ms", f"{1:.1%}"))
    return text_table(rows)
