"""Images from TensorFlow Datasets, by name."""

import os
import pathlib
import threading
from typing import Any

import numpy as np

from crd_keras.data.decoding import decode_rgb
from crd_keras.data.source import SPLITS, Images
from crd_keras.data.tensorflow_import import import_tensorflow_datasets
from crd_keras.data.unpaired_source import UnpairedSource

# Together with the start of TensorFlow this stays under half a minute. TensorFlow
# Datasets by itself tries for more than three minutes.
PROBE_SECONDS = 12

HINT = (
    "Use `folder_source(FOLDER)`, a folder with trainA, trainB, testA and testB in it, "
    "or `sample_source()`, the built-in sample."
)


def tfds_source(
    name: str = "cycle_gan/horse2zebra", data_dir: str | os.PathLike | None = None
) -> UnpairedSource:
    """Takes an unpaired data set of TensorFlow Datasets, downloading it if need be.

    The encoded images are kept in memory (horse2zebra: 110 MB) and decoded when they
    are used. Data that were prepared before need no network.

    Args:
        name: Name of the data set, such as "cycle_gan/summer2winter_yosemite". It has
            an "image" and the splits trainA, trainB, testA and testB.
        data_dir: Where TensorFlow Datasets keeps its data. Default: its own default,
            a folder in the home directory.

    Raises:
        ConnectionError: If the data are not on disk and their server does not answer
            within 12 seconds.
        ImportError: If TensorFlow or TensorFlow Datasets is not installed.
        OSError: If the download or the preparation of the data fails.
        ValueError: If there is no such data set, or it has not the four splits.
    """
    builder = prepared_builder(name, data_dir, HINT)
    missing = set(SPLITS) - set(builder.info.splits)
    if missing or "image" not in builder.info.features:
        raise ValueError(
            "`name` must be a data set with an image and the splits "
            f"{', '.join(SPLITS)}. Received: {builder.info.full_name!r} with "
            f"{', '.join(builder.info.features)} and {', '.join(builder.info.splits)}"
        )
    return UnpairedSource(
        label=f"TensorFlow Datasets {builder.info.full_name}",
        splits={
            split: Images(encoded_images(builder, split, "image"), decode_rgb)
            for split in SPLITS
        },
        directory=pathlib.Path(builder.data_dir),
    )


def prepared_builder(name: str, data_dir: str | os.PathLike | None, hint: str) -> Any:
    """The builder of a data set that is on disk, downloaded if need be.

    Args:
        name: Name of the data set.
        data_dir: Where TensorFlow Datasets keeps its data.
        hint: A sentence that ends error messages: what to do instead.

    Returns:
        A `tfds.core.DatasetBuilder`.

    Raises:
        ConnectionError, ImportError, OSError, ValueError: As `tfds_source`.
    """
    builder = _builder(name, data_dir, hint)
    if not builder.is_prepared():
        _probe(builder, name, hint)
        try:
            builder.download_and_prepare()
        except Exception as error:
            # Another process may have been faster: what is ready is not replaced.
            other = _builder(name, data_dir, hint)
            if other.is_prepared():
                return other
            raise OSError(
                f"The data set could not be downloaded and prepared: {_line(error)} "
                f"{hint} Received: {name!r}"
            ) from error
    return builder


def encoded_images(builder: Any, split: str, feature: str) -> np.ndarray:
    """The images of one split as they are on disk.

    Args:
        builder: A `tfds.core.DatasetBuilder`.
        split: Name of the split.
        feature: Name of the images.

    Returns:
        Array of bytes objects.
    """
    tfds = import_tensorflow_datasets()
    examples = builder.as_dataset(
        split=split,
        decoders={feature: tfds.decode.SkipDecoding()},
        shuffle_files=False,
    )
    encoded = [example[feature] for example in tfds.as_numpy(examples)]
    # As objects: NumPy's own strings would lose zero bytes at the end.
    return np.array(encoded, dtype=object)


def _builder(name, data_dir, hint):
    tfds = import_tensorflow_datasets()
    try:
        return tfds.builder(name, data_dir=data_dir)
    except (tfds.core.DatasetNotFoundError, ValueError) as error:
        # Cut, since pages of other names may follow.
        reason = _line(error).split(". ")[0]
        raise ValueError(
            f"`name` must be a data set of TensorFlow Datasets: {reason.rstrip('.')}. "
            f"{hint} Received: {name!r}"
        ) from error


def _probe(builder: Any, name: str, hint: str) -> None:
    """Asks the server of the data for the first bytes, for a limited time.

    In a thread, since looking up a host's name has no time limit of its own.
    """
    url = _download_url(builder)
    if url is None:  # nothing to download, or an address not known beforehand
        return
    failure = [f"no answer within {PROBE_SECONDS} seconds"]

    def ask():
        import requests  # comes with TensorFlow Datasets, which downloads with it

        try:
            with requests.get(url, stream=True, timeout=PROBE_SECONDS) as answer:
                answer.raise_for_status()
            failure.clear()
        except requests.RequestException as error:
            # The cause is wrapped in a report of retries, of which there are none.
            cause = getattr(error.args[0], "reason", error) if error.args else error
            failure[:] = [_line(cause)]

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    if failure:
        raise ConnectionError(
            f"The data set is not on disk and {url} cannot be reached: {failure[0]} "
            f"{hint} Received: {name!r}"
        )


def _download_url(builder: Any) -> str | None:
    """One address that the data set is downloaded from.

    A builder of ours names it in its configuration. Others know those of all their
    configurations by their checksums.
    """
    config = builder.builder_config
    if hasattr(config, "archive_url"):
        return config.archive_url
    urls = list(builder.url_infos)
    if config is not None:
        urls = [url for url in urls if config.name in url] or urls
    return urls[0] if urls else None


def _line(error: Exception) -> str:
    """The first line of a message, as one sentence."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return line if line.endswith(".") else f"{line}."
