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


def operator_findings(
    operators: Iterable[TFLiteOperator], why: str, advice: str
) -> list[Finding]:
    """One finding for all operators of one reason.

    Args:
        operators: Those that are found for the reason.
        why: The reason.
        advice: What can be done about it.

    Returns:
        It names each kind of operator with its number. There is none without operators.
    """
    counts = Counter(operator.name for operator in operators)
    if not counts:
        return []
    what = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
    return [Finding(what, why, advice)]
