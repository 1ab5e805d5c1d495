"""The builder, by TensorFlow Datasets' own test case, on pictures made here."""

import pathlib
import tempfile

import pytest
import tensorflow_datasets as tfds

from crd_keras.data.pix2pix_tfds import Pix2pix
from tests.data.image_folders import write_side_by_side

pytestmark = pytest.mark.any_backend

_FOLDER = tempfile.TemporaryDirectory()


def setUpModule():  # noqa: N802  pytest and unittest call it so
    """Writes what the archives hold."""
    for config in Pix2pix.BUILDER_CONFIGS:
        tests = {"test": 1} if config.name == "facades" else {}
        root = pathlib.Path(_FOLDER.name, config.name)
        write_side_by_side(root, train=3, val=2, **tests)


def tearDownModule():  # noqa: N802
    _FOLDER.cleanup()


class FacadesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Pix2pix
    BUILDER_CONFIG_NAMES_TO_TEST = ["facades"]
    SPLITS = {"train": 3, "val": 2, "test": 1}
    EXAMPLE_DIR = _FOLDER.name
    # There are no published checksums.
    SKIP_CHECKSUMS = True


class OthersTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Pix2pix
    BUILDER_CONFIG_NAMES_TO_TEST = [
        "edges2shoes",
        "edges2shoes-r",
        "edges2handbags",
        "maps",
        "cityscapes",
    ]
    SPLITS = {"train": 3, "val": 2}
    EXAMPLE_DIR = _FOLDER.name
    SKIP_CHECKSUMS = True


def test_addresses_and_sides():
    configs = {config.name: config for config in Pix2pix.BUILDER_CONFIGS}
    assert configs["edges2shoes"].archive_url == (
        "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/edges2shoes.tar.gz"
    )
    # The address in datasets/download_pix2pix_dataset.sh of GAN Compression.
    assert configs["edges2shoes-r"].archive_url == (
        "https://huggingface.co/mit-han-lab/gan-compression/resolve/main/datasets/"
        "edges2shoes-r.tar.gz"
    )
    assert "A, on the left: edges. B" in configs["edges2shoes"].description
    assert "A, on the left: photographs of f" in configs["facades"].description
