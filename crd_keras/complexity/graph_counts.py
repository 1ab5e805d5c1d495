"""Parameters and MACs of an exported graph, added up operation by operation."""

import dataclasses
import math
from collections.abc import Hashable

from crd_keras.complexity.counts import Complexity, NotCountedError


@dataclasses.dataclass(frozen=True)
class Constant:
    """Numbers that a graph holds.

    Attributes:
        key: What identifies them in the file.
        shape: Their shape.
        is_weight: Whether they are floats, or quantized to bytes: not the integers
            of shapes and indices.
        is_zero: Whether all of them are 0.
    """

    key: Hashable
    shape: tuple[int, ...]
    is_weight: bool
    is_zero: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_kernel(self) -> bool:
        """Whether they could be a matrix or the kernel of a convolution."""
        return self.is_weight and sum(size > 1 for size in self.shape) >= 2


class GraphCounts:
    """Adds up what the operations of a graph cost, as `crd_keras.complexity` counts.

    Parameters are the numbers of kernels, biases and other weights that the file
    holds. Biases of zeros are left out: a converter adds them to convolutions that
    have none, and drops them where they were (so that a network that was never
    trained shows fewer parameters). Batch normalisation that a converter has folded
    into kernels is no longer there to be counted.
    """

    def __init__(self) -> None:
        self._parameters: dict[Hashable, int] = {}
        self._macs = 0
        self._macs_paper = 0
        self._not_counted: list[str] = []

    def add_kernel(self, kernel: Constant) -> None:
        """Counts the parameters of a kernel, once however often it is used."""
        self._parameters[kernel.key] = kernel.size

    def add_bias(self, bias: Constant) -> None:
        """Counts the parameters of a bias, once however often it is used."""
        if not bias.is_zero:
            self._parameters[bias.key] = bias.size

    def add_operand(self, operand: Constant) -> None:
        """Counts a constant of an addition or multiplication.

        Single numbers, such as the epsilon of a normalisation, are no parameters.
        """
        if operand.is_weight and operand.size > 1:
            self.add_bias(operand)

    def add_macs(self, macs: int, strides: tuple[int, ...] = ()) -> None:
        """Counts multiply-accumulates.

        Args:
            macs: How many for one image.
            strides: Those of a transposed convolution, which the paper's way counts
                at its output resolution.
        """
        self._macs += macs
        self._macs_paper += macs * math.prod(strides)

    def add_normalization(self, outputs: int) -> None:
        """Counts a normalisation with weights, which is free but in the paper's way.

        Args:
            outputs: How many numbers it gives.
        """
        self._macs_paper += outputs

    def add_unknown(self, operation: str) -> None:
        """Takes note of an operation whose MACs are not known."""
        if operation not in self._not_counted:
            self._not_counted.append(operation)

    def result(self) -> Complexity:
        """The counts.

        Raises:
            NotCountedError: If there were operations whose MACs are not known.
        """
        if self._not_counted:
            operations = ", ".join(self._not_counted)
            raise NotCountedError(
                "the file must have no operations whose MACs are not known. "
                f"Received: {operations}",
                self._not_counted,
            )
        return Complexity(sum(self._parameters.values()), self._macs, self._macs_paper)
