"""What is counted of a network."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Complexity:
    """The size of a network.

    Attributes:
        parameters: Number of weights of the kind that is trained. The moving
            statistics of batch normalisation are not counted, frozen weights are.
        macs: Multiply-accumulates for one image. A transposed convolution
            multiplies its kernel once per position of its *input*.
        macs_paper: The same as published tables count it, the paper's among them:
            transposed convolutions at their output resolution, too many by the
            product of their strides, and one MAC for each number that a
            normalisation with scale or offset gives. (torchprofile's rules.)
    """

    parameters: int
    macs: int
    macs_paper: int


class NotCountedError(ValueError):
    """Raised where it is not known how the weights of an operation are multiplied.

    A silent 0 would make the total wrong.

    Args:
        message: The error message.
        operations: The operations.
    """

    def __init__(self, message: str, operations: Sequence[str] = ()):
        super().__init__(message)
        self.operations = list(operations)
