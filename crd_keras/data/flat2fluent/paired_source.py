"""flat2fluent in pairs."""

import os

from crd_keras.data.flat2fluent.pictures import prepared_folder
from crd_keras.data.flat2fluent.source import LABEL, folder_splits
from crd_keras.data.paired_source import PairedSource


def paired_flat2fluent_source(
    cache_dir: str | os.PathLike | None = None,
) -> PairedSource:
    """Takes emoji drawn flat (domain A) and the same ones rendered in 3-D (domain B).

    The images, their split and their licences are those of `flat2fluent_source`.

    Args:
        cache_dir: The cache, or `None` for Keras' own (`~/.keras`).

    Returns:
        The source. Its records are paths, in the order of their names.

    Raises:
        ConnectionError, DiskFullError, FileNotFoundError, ImportError, ValueError: As
            `flat2fluent_source`.
    """
    folder = prepared_folder(cache_dir)
    return PairedSource(
        label=f"{LABEL}, in pairs", splits=folder_splits(folder), directory=folder
    )
