"""Something in a file that does not suit what shall run it."""

import dataclasses
from collections import Counter
from collections.abc import Iterable

from crd_keras.export.tflite_graph import TFLiteOperator


@dataclasses.dataclass(frozen=True)
class Finding:
    """One reason why a file does not run there as a whole.

    Attributes:
        what: The operators or tensors, with their number, such as `"MEAN (82)"`.
        why: What is wrong with them.
        advice: What can be done about it.
    """

    what: str
    why: str
    advice: str


def findings_by_operator(
    operators: Iterable[TFLiteOperator], why: str, advice: str
) -> list[Finding]:
    """A finding for each kind of operator.

    Args:
        operators: Those that are all found for the same reason.
        why: The reason.
        advice: What can be done about it.
    """
    counts = Counter(operator.name for operator in operators)
    return [
        Finding(f"{name} ({count})", why, advice)
        for name, count in sorted(counts.items())
    ]
