"""Pairs of images from TensorFlow Datasets, by name."""

import importlib
import os
import pathlib

from crd_keras.data.decoding import decode_left_half, decode_right_half
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow_datasets
from crd_keras.data.tfds import encoded_images, prepared_builder

HINT = (
    "Use `paired_folder_source(FOLDER)`, a folder with train and test in it of "
    "pictures A and B side by side, or with trainA, trainB, testA and testB, whose "
    "names match; or `paired_sample_source()`, the built-in sample."
)


def tfds_paired_source(
    name: str = "pix2pix/edges2shoes", data_dir: str | os.PathLike | None = None
) -> PairedSource:
    """Takes a data set of pairs of TensorFlow Datasets, downloading it if need be.

    A and B are the sides of the published pictures: edges and photographs in
    "pix2pix/edges2shoes" and "pix2pix/edges2handbags", but photographs and labels in
    "pix2pix/facades" and "pix2pix/cityscapes", aerial photographs and maps in
    "pix2pix/maps". `source.reversed()` is the other direction. "pix2pix/edges2shoes-r"
    has 2,048 test images in place of 200: those of distillers' published scores.

    The encoded pictures are kept in memory (edges2shoes: about 2 GB) and decoded when
    they are used. Data that were prepared before need no network.

    Args:
        name: Name of the data set. It has a "pair", both images side by side, and the
            splits train and test (or val, where there is no test).
        data_dir: Where TensorFlow Datasets keeps its data. Default: its own default,
            a folder in the home directory.

    Raises:
        ConnectionError: If the data are not on disk and their server does not answer
            within 12 seconds.
        ImportError: If TensorFlow or TensorFlow Datasets is not installed.
        OSError: If the download or the preparation of the data fails.
        ValueError: If there is no such data set, or it has no pairs or not the splits.
    """
    import_tensorflow_datasets()
    # Registers the builder. It must not happen before, as it takes TensorFlow.
    importlib.import_module("crd_keras.data.pix2pix_tfds")
    builder = prepared_builder(name, data_dir, HINT)
    info = builder.info
    test = next((split for split in ("test", "val") if split in info.splits), None)
    if "pair" not in info.features or "train" not in info.splits or test is None:
        raise ValueError(
            "`name` must be a data set with a pair and the splits train and test or "
            f"val. Received: {info.full_name!r} with {', '.join(info.features)} and "
            f"{', '.join(info.splits)}"
        )
    splits = {}
    for ours, theirs in (("train", "train"), ("test", test)):
        pairs = encoded_images(builder, theirs, "pair")
        splits[f"{ours}A"] = Images(pairs, decode_left_half)
        splits[f"{ours}B"] = Images(pairs, decode_right_half)
    return PairedSource(
        label=f"TensorFlow Datasets {info.full_name}",
        splits=splits,
        directory=pathlib.Path(builder.data_dir),
    )
