"""The real loading code, on a CycleGAN archive that the test makes itself."""

import socket
import time

import numpy as np
import pytest
import tensorflow_datasets

from crd_keras.data import tfds, tfds_source, unpaired_dataset
from tests.data.image_folders import random_image, write_folders

pytestmark = pytest.mark.any_backend

NAME = "cycle_gan/horse2zebra"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Stands in for the download alone: the unpacked archive with one folder in it."""
    write_folders(tmp_path / "archive" / "horse2zebra", (3, 2, 2, 1))
    monkeypatch.setattr(
        tensorflow_datasets.download.DownloadManager,
        "download_and_extract",
        lambda manager, url: str(tmp_path / "archive"),
    )
    monkeypatch.setattr(tfds, "_probe", lambda builder, name, hint: None)


def forbid_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_prepares_and_then_reads_from_disk(tmp_path, archive, monkeypatch):
    source = tfds_source(NAME, data_dir=tmp_path / "prepared")
    assert source.label == "TensorFlow Datasets cycle_gan/horse2zebra/3.0.0"
    assert [len(images) for images in source.splits.values()] == [3, 2, 2, 1]
    # TensorFlow Datasets keeps an order of its own.
    train_a = source.split("trainA")
    loaded = [
        np.asarray(train_a.load(record)).astype(int) for record in train_a.records
    ]
    for seed in range(3):
        differences = [np.abs(image - random_image(seed)).mean() for image in loaded]
        assert min(differences) < 3

    monkeypatch.undo()
    forbid_network(monkeypatch)
    again = tfds_source(NAME, data_dir=tmp_path / "prepared")
    for split in source.splits:
        assert list(again.split(split).records) == list(source.split(split).records)
    batches = list(unpaired_dataset(again, 16, batch_size=3).as_numpy_iterator())
    assert [images.shape for images in batches[0]] == [(3, 16, 16, 3)] * 2


def check_message(error):
    message = str(error.value)
    assert "\n" not in message
    assert "`folder_source(FOLDER)`" in message and "`sample_source()`" in message
    assert message.endswith(f"Received: '{NAME}'")
    return message


def test_refused_connection(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/horse2zebra.zip"
    monkeypatch.setattr(tfds, "_download_url", lambda builder: url)
    with pytest.raises(ConnectionError, match="refused") as error:
        tfds_source(NAME, data_dir=tmp_path)
    assert url in check_message(error)


def test_server_that_never_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "PROBE_SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/horse2zebra.zip"
        monkeypatch.setattr(tfds, "_download_url", lambda builder: url)
        start = time.monotonic()
        with pytest.raises(ConnectionError) as error:
            tfds_source(NAME, data_dir=tmp_path)
    assert time.monotonic() - start < 5
    check_message(error)


def test_name_look_up_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "PROBE_SECONDS", 1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(20))
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="no answer within 1 seconds") as error:
        tfds_source(NAME, data_dir=tmp_path)
    assert time.monotonic() - start < 5
    assert "horse2zebra.zip" in check_message(error)


def test_failure_after_the_probe(tmp_path, archive, monkeypatch):
    def fail(manager, url):
        raise OSError("the disk is full\nand more")

    monkeypatch.setattr(
        tensorflow_datasets.download.DownloadManager, "download_and_extract", fail
    )
    with pytest.raises(OSError, match="the disk is full. Use") as error:
        tfds_source(NAME, data_dir=tmp_path / "prepared")
    check_message(error)


@pytest.mark.parametrize("name", ["no_such_data", "cycle_gan/horse2dog", "not a name!"])
def test_unknown_name(tmp_path, name):
    with pytest.raises(ValueError, match=f"`name` must .*Received: '{name}'") as error:
        tfds_source(name, data_dir=tmp_path)
    assert "\n" not in str(error.value)


def test_data_without_the_four_splits(tmp_path):
    class Digits(tensorflow_datasets.core.GeneratorBasedBuilder):
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

    Digits(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(ValueError, match="splits trainA, .*Received: 'digits/1.0.0'"):
        tfds_source("digits", data_dir=tmp_path)
