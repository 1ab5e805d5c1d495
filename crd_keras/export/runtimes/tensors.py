"""What a model takes and gives."""

from collections.abc import Sequence
from typing import TypeVar

Tensor = TypeVar("Tensor")


def only_tensor(tensors: Sequence[Tensor], kind: str) -> Tensor:
    """The only input or output of a model.

    Args:
        tensors: All that it has.
        kind: `"input"` or `"output"`.

    Raises:
        ValueError: If it has another number of them.
    """
    if len(tensors) != 1:
        raise ValueError(
            "it must take images in one tensor and give them in one. "
            f"Received: {len(tensors)} {kind}s"
        )
    return tensors[0]
