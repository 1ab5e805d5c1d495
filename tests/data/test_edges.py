import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    PairedSource,
    edge_picture,
    edges_source,
    evaluation_images,
    paired_dataset,
)
from tests.data.image_folders import random_image, write_folders

pytestmark = pytest.mark.any_backend


def square():
    picture = np.full((64, 64, 3), 220, np.int64)
    picture[16:48, 16:48] = 40
    return picture


def edges_of(picture, **arguments):
    picture = Image.fromarray(picture.astype(np.uint8))
    return np.asarray(edge_picture(picture, 64, **arguments))


def test_the_outline_of_a_square():
    edges = edges_of(square())
    assert edges.shape == (64, 64) and edges.dtype == np.uint8
    assert set(np.unique(edges)) == {0, 255}
    rows, columns = np.nonzero(edges == 0)
    distance = np.maximum(np.abs(rows - 31.5), np.abs(columns - 31.5)) - 16
    assert np.abs(distance).max() <= 1
    # A step's two sides are equally steep: a line is one or two pixels wide.
    for across in (edges[20:44], edges.T[20:44]):
        for half in (across[:, :32], across[:, 32:]):
            assert set(np.count_nonzero(half == 0, axis=1)) <= {1, 2}


def test_a_flat_picture_has_no_edges():
    assert (edges_of(np.full((40, 50, 3), 120)) == 255).all()


def test_sigma_smooths_noise_away():
    noise = np.random.default_rng(0).integers(-35, 36, (64, 64, 3))
    fine, coarse = (
        np.count_nonzero(edges_of(square() + noise, sigma=sigma) == 0)
        for sigma in (0.5, 2.5)
    )
    assert fine > 2 * coarse
    # The outline is still there.
    assert 100 < coarse < 260


def test_source(tmp_path):
    write_folders(tmp_path, (0, 3, 0, 2))
    source = edges_source(tmp_path / "trainB", tmp_path / "testB", image_size=32)
    assert type(source) is PairedSource
    assert [len(images) for images in source.splits.values()] == [3, 3, 2, 2]
    assert str(tmp_path / "trainB") in source.label and "sigma 1.0" in source.label
    edges = evaluation_images(source.split("trainA"), 32)
    for index, image in enumerate(edges):
        path = tmp_path / "trainB" / f"{index}.jpg"
        expected = np.asarray(edge_picture(Image.open(path), 32)) / 127.5 - 1
        np.testing.assert_array_equal(image, np.repeat(expected[..., None], 3, -1))
    photographs = [
        np.asarray(source.split("testB").load(r)) for r in source.split("testB").records
    ]
    for index, image in enumerate(photographs):
        assert np.abs(image.astype(int) - random_image(3000 + index)).mean() < 3
    ((a, b),) = paired_dataset(source, 32, batch_size=3).as_numpy_iterator()
    assert a.shape == b.shape == (3, 32, 32, 3)


def test_bad_arguments(tmp_path):
    write_folders(tmp_path, (1, 1, 1, 1))
    folders = tmp_path / "trainA", tmp_path / "testA"
    with pytest.raises(ValueError, match="`image_size` must .*Received: 0"):
        edges_source(*folders, image_size=0)
    with pytest.raises(ValueError, match="`sigma` must .*Received: 0"):
        edges_source(*folders, sigma=0)
    with pytest.raises(ValueError, match="must be a folder. Received: .*nowhere"):
        edges_source(folders[0], tmp_path / "nowhere")
