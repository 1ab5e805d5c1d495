"""flat2fluent from small packages: which pictures, and how they are kept."""

import sys

import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    edge_picture,
    edges2fluent_source,
    evaluation_images,
    flat2fluent_source,
    paired_flat2fluent_source,
)
from crd_keras.utils import npm
from tests.data.flat2fluent.packages import serve_packages

pytestmark = pytest.mark.any_backend


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    return serve_packages(monkeypatch, tmp_path)


def names(images):
    return [record.rpartition("/")[2] for record in images.records]


@pytest.mark.parametrize("load", [flat2fluent_source, paired_flat2fluent_source])
def test_pictures_on_white(fetched, tmp_path, load):
    source = load(tmp_path / "cache")
    for split, expected in (
        ("train", ["1f600.png", "1f601.png"]),
        ("test", ["1f602.png", "1f603.png"]),
    ):
        for domain in "AB":
            assert names(source.split(f"{split}{domain}")) == expected
    flat, rendered = (
        evaluation_images(source.split(split), 256) for split in ("testA", "testB")
    )
    assert flat.shape == rendered.shape == (2, 256, 256, 3)
    blue, black, white = (-1, -1, 1), (-1, -1, -1), (1, 1, 1)
    for image, colour in zip(flat, (blue, black), strict=True):
        np.testing.assert_array_equal(image[:, :128], np.full((256, 128, 3), colour))
        np.testing.assert_array_equal(image[:, 128:], np.full((256, 128, 3), white))
    for image, colour in zip(rendered, (blue, black), strict=True):
        np.testing.assert_array_equal(image[:128], np.full((128, 256, 3), colour))
        np.testing.assert_array_equal(image[128:], np.full((128, 256, 3), white))
    assert source.targets is source.splits["testB"]
    assert source.reversed().targets is source.splits["testA"]


def test_edges_of_those_in_3d(fetched, tmp_path):
    source = edges2fluent_source((32, 48), tmp_path / "cache")
    rendered = paired_flat2fluent_source(tmp_path / "cache")
    for split in ("train", "test"):
        assert names(source.split(f"{split}B")) == names(rendered.split(f"{split}B"))
    with Image.open(rendered.split("testB").records[1]) as picture:
        edges = np.asarray(edge_picture(picture, (32, 48)))
    assert (edges == 0).any()
    drawn = evaluation_images(source.split("testA"), (32, 48))[1]
    np.testing.assert_array_equal(drawn, np.stack([edges / 127.5 - 1] * 3, axis=-1))


def test_kept_with_attribution(fetched, tmp_path):
    folder = flat2fluent_source(tmp_path / "cache").directory
    assert folder == tmp_path / "cache" / "datasets" / "flat2fluent-1"
    text = (folder / "ATTRIBUTION.txt").read_text()
    assert "CC-BY 4.0" in text and "MIT License" in text
    with Image.open(folder / "trainA" / "1f600.png") as picture:
        assert (picture.size, picture.mode) == ((256, 256), "RGB")
    assert fetched == ["@twemoji/svg", "@lobehub/fluent-emoji-3d"]
    paired_flat2fluent_source(tmp_path / "cache")
    assert len(fetched) == 2


def test_half_made_pictures_are_not_kept(fetched, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("no more space")

    monkeypatch.setattr("crd_keras.data.flat2fluent.pictures.shutil.copyfile", fail)
    with pytest.raises(OSError, match="no more space"):
        flat2fluent_source(tmp_path / "cache")
    left = [path.name for path in (tmp_path / "cache" / "datasets").iterdir()]
    assert all(name.startswith(".lock") for name in left)


def test_without_npm(tmp_path, monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(
        FileNotFoundError, match="npm.*svg@15.0.0.*a copy of the folder"
    ):
        flat2fluent_source(tmp_path)


def test_without_resvg(fetched, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(ImportError, match=r"pip install .crd_keras\[flat2fluent\]"):
        flat2fluent_source(tmp_path / "cache")
    assert fetched == []
