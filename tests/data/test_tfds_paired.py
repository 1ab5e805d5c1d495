"""The real loading code, on an archive that the test makes and serves itself."""

import functools
import http.server
import shutil
import socket
import tarfile
import threading

import numpy as np
import pytest
import tensorflow_datasets

from crd_keras.data import paired_dataset, tfds, tfds_paired_source
from crd_keras.data.pix2pix_tfds import Pix2pix
from tests.data.image_folders import random_image, write_side_by_side

pytestmark = pytest.mark.any_backend


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serves archives of facades and edges2shoes-r in place of the real server."""
    folder = tmp_path / "server"
    folder.mkdir()
    for name, counts in (
        ("facades", {"train": 3, "val": 1, "test": 2}),
        ("edges2shoes-r", {"train": 2, "val": 1}),
    ):
        unpacked = write_side_by_side(tmp_path / "unpacked" / name, **counts)
        with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(unpacked, name)
    shutil.rmtree(tmp_path / "unpacked")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    ) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        for config in Pix2pix.BUILDER_CONFIGS:
            url = f"http://127.0.0.1:{server.server_port}/{config.name}.tar.gz"
            monkeypatch.setattr(config, "archive_url", url)
        yield
        server.shutdown()


def closest(image):
    """Which random image of `write_side_by_side` it is."""
    seeds = [first + i for first in (0, 1000) for i in range(6)]
    errors = [np.abs(image - random_image(s, 24, 24)).mean() for s in seeds]
    assert min(errors) < 3
    return seeds[int(np.argmin(errors))]


def test_downloads_prepares_and_then_reads_from_disk(tmp_path, server, monkeypatch):
    source = tfds_paired_source("pix2pix/facades", data_dir=tmp_path / "prepared")
    assert source.label == "TensorFlow Datasets pix2pix/facades/1.0.0"
    numbers = {name: len(images) for name, images in source.splits.items()}
    assert numbers == {"trainA": 3, "trainB": 3, "testA": 2, "testB": 2}
    # TensorFlow Datasets keeps an order of its own.
    seen = []
    for split in ("train", "test"):
        a, b = source.split(f"{split}A"), source.split(f"{split}B")
        for left, right in zip(a.records, b.records, strict=True):
            left, right = (
                closest(np.asarray(images.load(record)).astype(int))
                for images, record in ((a, left), (b, right))
            )
            assert right == 1000 + left
            seen.append(left)
    # The pictures 0 to 2 are train, 3 is val, 4 and 5 are test.
    assert sorted(seen[:3]) == [0, 1, 2] and sorted(seen[3:]) == [4, 5]

    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = tfds_paired_source("pix2pix/facades", data_dir=tmp_path / "prepared")
    ((images_a, images_b),) = paired_dataset(again, 24, 3).as_numpy_iterator()
    assert images_a.shape == images_b.shape == (3, 24, 24, 3)


def test_val_where_there_is_no_test(tmp_path, server):
    source = tfds_paired_source("pix2pix/edges2shoes-r", data_dir=tmp_path / "prepared")
    assert [len(images) for images in source.splits.values()] == [2, 2, 1, 1]


def check_message(error, name):
    message = str(error.value)
    assert "\n" not in message
    assert "`paired_folder_source(FOLDER)`" in message
    assert "`paired_sample_source()`" in message
    assert "side by side" in message
    assert message.endswith(f"Received: '{name}'")
    return message


def test_refused_connection(tmp_path, monkeypatch):
    name = "pix2pix/maps"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/maps.tar.gz"
    (config,) = [c for c in Pix2pix.BUILDER_CONFIGS if c.name == "maps"]
    monkeypatch.setattr(config, "archive_url", url)
    monkeypatch.setattr(tfds, "PROBE_SECONDS", 5)
    with pytest.raises(ConnectionError, match="refused") as error:
        tfds_paired_source(name, data_dir=tmp_path)
    assert url in check_message(error, name)


@pytest.mark.parametrize("name", ["no_such_data", "pix2pix/night2day"])
def test_unknown_name(tmp_path, name):
    with pytest.raises(ValueError, match=f"`name` must .*Received: '{name}'") as error:
        tfds_paired_source(name, data_dir=tmp_path)
    check_message(error, name)


def test_data_that_are_no_pairs(tmp_path):
    class Single(tensorflow_datasets.core.GeneratorBasedBuilder):
        VERSION = tensorflow_datasets.core.Version("1.0.0")

        def _info(self):
            features = {"image": tensorflow_datasets.features.Image(shape=(4, 4, 3))}
            return tensorflow_datasets.core.DatasetInfo(
                builder=self,
                features=tensorflow_datasets.features.FeaturesDict(features),
            )

        def _split_generators(self, manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            yield 0, {"image": np.zeros((4, 4, 3), np.uint8)}

    Single(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(ValueError, match="with a pair and .*Received: 'single/1.0.0'"):
        tfds_paired_source("single", data_dir=tmp_path)
