"""Means and covariances of features in pytorch-fid's file format."""

import io
import os
import pathlib
from typing import Any, NamedTuple

import numpy as np

from crd_keras.utils.errors import first_line
from crd_keras.utils.files import atomic_write


class SavedStatistics(NamedTuple):
    """What is kept of a set of images for FID.

    Attributes:
        mean: `(size,)`, float64. `mu` in the file.
        covariance: `(size, size)`, float64, divided by count - 1. `sigma` in the file.
        count: The number of images, `None` where the file does not say so.
        protocol: Which features these are, `None` where the file does not say so.
    """

    mean: np.ndarray
    covariance: np.ndarray
    count: int | None  # type: ignore[assignment]  # hides `tuple.count`
    protocol: str | None


def save_statistics(path: str | os.PathLike, statistics: SavedStatistics) -> None:
    """Writes statistics as pytorch-fid does; it ignores `count` and `protocol`.

    Args:
        path: A file that ends in `.npz`, by which pytorch-fid tells statistics from
            folders of images. The folder exists; an old file is replaced.
        statistics: What to write.

    Raises:
        ValueError: If `path` ends in something else.
        OSError: If the folder cannot be written to.
    """
    if pathlib.Path(path).suffix != ".npz":
        raise ValueError(f"`path` must end in .npz. Received: {path}")
    arrays: dict[str, Any] = {"mu": statistics.mean, "sigma": statistics.covariance}
    if statistics.count is not None:
        arrays["count"] = np.int64(statistics.count)
    if statistics.protocol is not None:
        arrays["protocol"] = np.str_(statistics.protocol)
    content = io.BytesIO()
    np.savez(content, **arrays)
    atomic_write(path, content.getvalue())


def load_statistics(path: str | os.PathLike, size: int) -> SavedStatistics:
    """Reads a file that `save_statistics` or pytorch-fid wrote.

    Args:
        path: The file.
        size: The number of features that it has to be of.

    Raises:
        ValueError: If there is no such file, it is damaged or something else, of
            another number of features, or holds numbers that are not finite.
    """
    if not os.path.isfile(path):
        raise ValueError(f"`path` must be an existing file. Received: {path}")
    # A wrong or damaged file ends in many kinds of exceptions, from NumPy, zipfile
    # and zlib.
    try:
        with np.load(path, allow_pickle=False) as file:
            mean = np.asarray(file["mu"], dtype="float64")
            covariance = np.asarray(file["sigma"], dtype="float64")
            count = int(file["count"]) if "count" in file else None
            protocol = str(file["protocol"]) if "protocol" in file else None
    except Exception as error:
        raise ValueError(
            "`path` must be a whole .npz file with `mu` and `sigma` "
            f"({first_line(error)}). Received: {path}"
        ) from error
    if (mean.shape, covariance.shape) != ((size,), (size, size)):
        raise ValueError(
            f"`path` must hold `mu` and `sigma` of {size} features. Received: {path} "
            f"with shapes {mean.shape} and {covariance.shape}"
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise ValueError(
            f"`path` must hold finite numbers. Received: {path} with NaN or infinity"
        )
    if count is not None and count < 2:
        raise ValueError(
            "`path` must hold statistics of at least 2 images. "
            f"Received: {path} of {count}"
        )
    return SavedStatistics(mean, covariance, count, protocol)
