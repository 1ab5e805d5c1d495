import os
import re
import warnings

import numpy as np
import pytest
from PIL import Image

from crd_keras.data import folder_images, folder_source
from tests.data.image_folders import random_image, write_folders
from tests.utils.test_pictures import write_bomb

pytestmark = pytest.mark.any_backend


def load_all(images):
    return [np.asarray(images.load(record)) for record in images.records]


def test_reads_all_splits_in_the_order_of_names(tmp_path):
    source = folder_source(write_folders(tmp_path, (3, 2, 1, 4)))
    assert [len(images) for images in source.splits.values()] == [3, 2, 1, 4]
    assert str(tmp_path) in source.label
    for index, image in enumerate(load_all(source.split("trainA"))):
        assert image.shape == (24, 20, 3) and image.dtype == np.uint8
        assert np.abs(image.astype(int) - random_image(index)).mean() < 3


@pytest.mark.parametrize(
    "name, mode",
    [
        ("a.jpg", "RGB"),
        ("a.JPEG", "L"),
        ("a.PNG", "RGB"),
        ("a.png", "L"),
        ("a.png", "LA"),
        ("a.png", "RGBA"),
        ("a.png", "P"),
        ("a.bmp", "RGB"),
        ("a.Bmp", "L"),
        ("a.bmp", "RGBA"),
    ],
)
def test_every_kind_of_image_becomes_rgb(tmp_path, name, mode):
    write_folders(tmp_path, (0, 1, 1, 1))
    picture = Image.fromarray(random_image(7)).convert(mode)
    if mode.endswith("A"):
        picture.putalpha(100)
    path = tmp_path / "trainA" / name
    picture.save(path)
    (image,) = load_all(folder_source(tmp_path).split("trainA"))
    with Image.open(path) as saved:
        white = Image.new("RGBA", saved.size, "white")
        shown = Image.alpha_composite(white, saved.convert("RGBA")).convert("RGB")
    # Pillow's rounding of what is seen through is another.
    assert np.abs(image.astype(int) - np.asarray(shown)).max() <= mode.endswith("A")


def test_other_files_are_left_out(tmp_path):
    write_folders(tmp_path, (1, 1, 1, 1))
    (tmp_path / "trainA" / "notes.txt").write_text("no image")
    (tmp_path / "trainA" / "folder.jpg").mkdir()
    assert len(folder_source(tmp_path).split("trainA")) == 1


def test_missing_and_empty_folders(tmp_path):
    with pytest.raises(ValueError, match="`data_dir`.*no folder .*nowhere.trainA"):
        folder_source(tmp_path / "nowhere")
    write_folders(tmp_path, (1, 1, 0, 1))
    with pytest.raises(ValueError, match="`data_dir`.*none .*testA.*Received") as error:
        folder_source(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cut.jpg", "truncated"),
        ("half.png", "truncated"),
        ("text.jpg", "not a JPEG, PNG, BMP, GIF, WebP or TIFF"),
        ("targa.png", "a TGA, not a JPEG, PNG, BMP, GIF, WebP or TIFF"),
        ("empty.png", "empty"),
        ("bomb.png", "more than 178,956,970 pixels"),
        (os.fsdecode(b"caf\xe9.png"), "its name is not UTF-8"),
    ],
)
def test_corrupt_images_are_described_in_words(tmp_path, name, reason):
    write_folders(tmp_path)
    path = tmp_path / "trainA" / name
    picture = Image.fromarray(random_image(0))
    if name == "bomb.png":
        write_bomb(path)
    elif name == "text.jpg":
        path.write_text("no image")
    elif name == "targa.png":
        picture.save(path, "TGA")
    else:
        picture.save(path)
        kept = {"cut.jpg": 0.6, "half.png": 0.5, "empty.png": 0}.get(name, 1)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * kept)])
    shown = re.escape(name.replace("\udce9", "\\xe9"))
    with pytest.raises(ValueError, match=rf"{shown} \({reason}\); remove") as error:
        folder_source(tmp_path)
    assert str(error.value).encode()
    with pytest.warns(UserWarning, match=rf"corrupt image .*{shown} \({reason}\)"):
        source = folder_source(tmp_path, on_corrupt="skip")
    assert len(load_all(source.split("trainA"))) == 3


def corrupt_folders(tmp_path):
    """A truncated JPEG, a text that is no JPEG, an empty PNG, an array of texts."""
    write_folders(tmp_path)
    whole = (tmp_path / "trainA" / "0.jpg").read_bytes()
    (tmp_path / "trainA" / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "trainB" / "text.jpg").write_text("no image")
    (tmp_path / "testA" / "empty.png").write_bytes(b"")
    np.save(tmp_path / "testB" / "texts.npy", np.array([["no", "image"]]))
    return ("cut.jpg", "text.jpg", "empty.png", "texts.npy")


def test_corrupt_images_are_refused(tmp_path):
    corrupt_folders(tmp_path)
    with pytest.raises(ValueError, match="4 corrupt .*cut.jpg .*Received: ") as error:
        folder_source(tmp_path)
    assert "\n" not in str(error.value)


def test_corrupt_images_are_skipped_with_a_warning_each(tmp_path):
    names = corrupt_folders(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        source = folder_source(tmp_path, on_corrupt="skip")
    messages = [str(w.message) for w in caught if "corrupt" in str(w.message)]
    assert len(messages) == 4
    for name, message in zip(names, messages):
        assert name in message
    assert [len(images) for images in source.splits.values()] == [3, 2, 2, 2]
    assert "4 corrupt image(s) skipped" in source.label


@pytest.mark.filterwarnings("ignore:Skipping the corrupt image")
def test_nothing_left_after_skipping(tmp_path):
    write_folders(tmp_path, (0, 1, 1, 1))
    (tmp_path / "trainA" / "text.jpg").write_text("no image")
    with pytest.raises(ValueError, match="none that can be read in .*trainA"):
        folder_source(tmp_path, on_corrupt="skip")


def test_one_folder(tmp_path):
    source = folder_source(write_folders(tmp_path, (3, 2, 1, 4)))
    images = folder_images(tmp_path / "testB")
    assert images.records.tolist() == source.split("testB").records.tolist()
    with pytest.raises(ValueError, match="`folder` must be a folder.*nowhere"):
        folder_images(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="`folder` needs images .*empty"):
        folder_images(tmp_path / "empty")


def test_unknown_on_corrupt(tmp_path):
    with pytest.raises(ValueError, match="`on_corrupt` must .*Received: 'ignore'"):
        folder_source(tmp_path, on_corrupt="ignore")
