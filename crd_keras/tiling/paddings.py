"""Layers that add rows and columns to a picture, or take some away."""

from collections.abc import Sequence

import numpy as np

from crd_keras.tiling.row_operation import RowOperation


class Mirrored(RowOperation):
    """`ReflectionPadding2D`."""

    def height(self, height: int) -> int:
        return height + 2 * self.layer.padding

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        rows = self._mirrored_rows(first, end, height)
        return int(rows.min()), int(rows.max()) + 1

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        rows = self._mirrored_rows(first, end, height)
        padding = self.layer.padding
        widths = [(0, 0), (padding, padding), (0, 0)]
        return np.pad(inputs[0][rows - rows.min()], widths, mode="reflect")

    def _mirrored_rows(self, first, end, height):
        rows = np.abs(np.arange(first, end) - self.layer.padding)
        return np.minimum(rows, 2 * (height - 1) - rows)


class ZeroPadded(RowOperation):
    """`ZeroPadding2D`."""

    def height(self, height: int) -> int:
        return height + sum(self.layer.padding[0])

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        before = self.layer.padding[0][0]
        return rows_within(first - before, end - before, height)

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        rows, columns = self.layer.padding
        return with_zeros(inputs[0], first - rows[0], end - rows[0], height, columns)


class Cropped(RowOperation):
    """`Cropping2D`."""

    def height(self, height: int) -> int:
        return height - sum(self.layer.cropping[0])

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        before = self.layer.cropping[0][0]
        return first + before, end + before

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        left, right = self.layer.cropping[1]
        return inputs[0][:, left : inputs[0].shape[1] - right]


def rows_within(first: int, end: int, height: int) -> tuple[int, int]:
    """The rows from `first` to before `end` that a picture of a height has.

    There are none if the second number is not greater than the first.
    """
    return max(first, 0), min(end, height)


def with_zeros(
    rows: np.ndarray, first: int, end: int, height: int, columns: tuple[int, int]
) -> np.ndarray:
    """Adds zeros around the rows of a picture.

    Args:
        rows: The rows from `first` to before `end` that the picture has.
        first: The first row. Those above the picture are zeros.
        end: The row after the last one. Those below the picture are zeros.
        height: The picture's height.
        columns: How many zeros come on the left and on the right.
    """
    above, below = max(min(end, 0) - first, 0), max(end - max(first, height), 0)
    return np.pad(rows, [(above, below), columns, (0, 0)])
