"""A tensor of one picture on disk, with the statistics of its channels."""

import math
import tempfile

import numpy as np


class StoredRows:
    """Rows of a tensor `(height, width, channels)`, written once from top to bottom.

    The file has no name: it is gone with this object, also if the process is killed.

    Args:
        height: Rows of the tensor.
        width: Its width.
        channels: Its channels.
        folder: Folder on a disk with room for it, 4 bytes a number.
    """

    def __init__(self, height: int, width: int, channels: int, folder: str):
        self.height = height
        self._shape = (width, channels)
        self._file = tempfile.TemporaryFile(dir=folder)
        self._count = 0
        self._mean = np.zeros(channels)
        self._squares = np.zeros(channels)

    def append(self, rows: np.ndarray) -> None:
        """Writes the next rows, float32 of shape `(rows, width, channels)`.

        Raises:
            OSError: If there is no space for them.
        """
        self._file.write(np.ascontiguousarray(rows, "float32").data)
        self._update_statistics(rows)

    def rows(self, first: int, end: int) -> np.ndarray:
        """The rows from `first` to before `end`, which may be none."""
        rows = np.empty((max(end - first, 0), *self._shape), "float32")
        self._file.seek(4 * first * math.prod(self._shape))
        self._file.readinto(rows.data.cast("B"))
        return rows

    @property
    def mean(self) -> np.ndarray:
        """Mean of each channel, float64 of shape `(channels,)`."""
        return self._mean

    @property
    def variance(self) -> np.ndarray:
        """Biased variance of each channel, as `mean`."""
        return self._squares / self._count

    def _update_statistics(self, rows):
        # Joined as Chan, Golub and LeVeque do: E[x^2] - E[x]^2 would lose its digits.
        count = rows.shape[0] * rows.shape[1]
        mean = rows.mean(axis=(0, 1), dtype="float64")
        centred = rows - mean.astype("float32")
        squares = np.square(centred).sum(axis=(0, 1), dtype="float64")
        difference, total = mean - self._mean, self._count + count
        self._squares += squares + difference**2 * self._count * count / total
        self._mean = self._mean + difference * count / total
        self._count = total
