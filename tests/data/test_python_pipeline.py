"""The pipeline without TensorFlow is the tf.data pipeline, to a grey level."""

import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    Images,
    Loader,
    PairedSource,
    evaluation_batches,
    folder_source,
    paired_dataset,
    paired_folder_source,
    pipeline_choice,
    sample_source,
    unpaired_dataset,
)
from tests.data.image_folders import random_image, write_folders, write_side_by_side
from tests.data.test_pipeline import epochs, grey_source

pytestmark = pytest.mark.any_backend


def passes(dataset, number):
    return [list(dataset) for _ in range(number)]


def assert_a_level_apart(received, expected):
    """Of images in [-1, 1]."""
    received, expected = np.array(received), np.array(expected)
    assert received.dtype == np.float32
    assert np.abs(received - expected).max() <= 1.001 / 127.5


def both(dataset, source, number, **settings):
    """Passes of both pipelines."""
    python = dataset(source, pipeline="python", **settings)
    tf = dataset(source, pipeline="tf", **settings)
    assert len(python) == len(tf)
    return passes(python, number), epochs(tf, number)


@pytest.mark.parametrize("cache_mebibytes", [0, 4 * 18**2 * 3 / 2**20, 1])
def test_unpaired(tmp_path, cache_mebibytes):
    source = folder_source(write_folders(tmp_path, (5, 3, 1, 1)))
    settings = {"image_size": 16, "batch_size": 2, "seed": 3, "first_epoch": 1}
    received, expected = both(
        unpaired_dataset, source, 3, cache_mebibytes=cache_mebibytes, **settings
    )
    # Orders, crops and flips are the same: another would be 20 levels apart.
    assert_a_level_apart(received, expected)
    assert np.abs(np.array(expected)[0] - np.array(expected)[1]).mean() > 0.1


def test_pairs(tmp_path):
    source = paired_folder_source(write_side_by_side(tmp_path, train=3, test=1))
    settings = {"image_size": 20, "batch_size": 3, "seed": 1}
    assert_a_level_apart(*both(paired_dataset, source, 2, **settings))


def test_without_resizing_nothing_differs():
    """36 pixels are what crops of 32 are taken from."""
    source = sample_source(image_size=36, train=4, test=1)
    received, expected = both(unpaired_dataset, source, 2, image_size=32)
    np.testing.assert_array_equal(received, expected)


def test_more_augmentation():
    source = sample_source(image_size=36, train=3, test=1)
    seeds = []

    def note(image, seed):
        seeds.append(tuple(np.asarray(seed).tolist()))
        return -image

    settings = {"image_size": 32, "pipeline": "python"}
    plain = passes(unpaired_dataset(source, **settings), 1)
    augmented = unpaired_dataset(
        source,
        image_augmentation=note,
        augmentation=lambda images: images / 2,
        **settings,
    )
    np.testing.assert_array_equal(passes(augmented, 1), -np.array(plain) / 2)
    # Of each image its own.
    assert len(seeds) == len(set(seeds)) == 6


def test_a_batch_follows_from_its_number():
    source = sample_source(image_size=16, train=5, test=1)
    dataset = unpaired_dataset(source, 16, pipeline="python")
    expected = [dataset[index] for index in range(5)]
    for index in (3, 0, 4, 2, 1):
        np.testing.assert_array_equal(dataset[index], expected[index])


def test_files_are_read_once_if_there_is_room(tmp_path):
    read = []

    def note(record):
        read.append(int(record))
        return np.full((18, 18, 3), record, np.uint8)

    images = Images(np.arange(4), Loader("note", tensor=note, array=note))
    source = PairedSource(
        label="greys",
        splits=dict.fromkeys(("trainA", "trainB", "testA", "testB"), images),
    )
    room = 6 * 18**2 * 3 / 2**20  # For domain A and a half of B.
    dataset = paired_dataset(source, 16, 2, cache_mebibytes=room, pipeline="python")
    passes(dataset, 3)
    counts = [read.count(record) for record in range(4)]
    assert counts == [2, 2, 4, 4]


@pytest.mark.parametrize("image_size", [None, 12])
def test_evaluation(tmp_path, image_size):
    images = folder_source(write_folders(tmp_path, (1, 1, 1, 3))).split("testB")
    python, tf = (
        evaluation_batches(images, image_size, 2, pipeline=pipeline)
        for pipeline in ("python", "tf")
    )
    assert len(python) == len(tf) == 2
    for received, expected in zip(python, tf, strict=True):
        assert_a_level_apart(received, expected)
    assert len(list(evaluation_batches(images, 12, 2, limit=1, pipeline="python"))) == 1


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.jpg", "RGB"),
        ("a.jpg", "L"),
        ("a.jpg", "CMYK"),
        ("a.png", "LA"),
        ("a.png", "RGBA"),
        ("a.png", "P"),
        ("a.png", "1"),
        ("a.png", "I;16"),
        ("a.bmp", "RGBA"),
    ],
)
def test_every_kind_of_image(tmp_path, name, mode):
    write_folders(tmp_path, (0, 1, 1, 1))
    picture = Image.fromarray(random_image(7)).convert(mode.replace("I;16", "L"))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257 - 100)
    picture.save(tmp_path / "trainA" / name)
    images = folder_source(tmp_path).split("trainA")
    (record,) = images.records
    np.testing.assert_array_equal(images.load.array(record), images.load(record))


def test_which_is_chosen(monkeypatch):
    assert pipeline_choice.choose_pipeline(None) == "tf"
    monkeypatch.setattr(pipeline_choice.importlib.util, "find_spec", lambda name: None)
    assert pipeline_choice.choose_pipeline(None) == "python"
    assert pipeline_choice.choose_pipeline("tf") == "tf"


def test_bad_arguments():
    source = grey_source(4, 3)
    with pytest.raises(ValueError, match="`pipeline` must be one of .*: 'pillow'"):
        unpaired_dataset(source, 8, pipeline="pillow")
    with pytest.raises(ValueError, match="`batch_size` must not be larger.*: 5"):
        unpaired_dataset(source, 8, 5, pipeline="python")
    images = Images(np.zeros((1, 8, 8, 3), np.uint8), load=lambda record: record)
    with pytest.raises(ValueError, match="`load` must be a `crd_keras.data.Loader`"):
        evaluation_batches(images, 8, pipeline="python")
