import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    PairedSource,
    evaluation_images,
    paired_dataset,
    paired_folder_source,
)
from tests.data.image_folders import random_image, write_folders, write_side_by_side
from tests.utils.test_pictures import write_bomb

pytestmark = pytest.mark.any_backend


def load_all(images):
    return [np.asarray(images.load(record)).astype(int) for record in images.records]


def assert_close(images, seeds, size=(24, 24)):
    assert len(images) == len(seeds)
    for image, seed in zip(images, seeds):
        assert image.shape == (*size, 3)
        # As far as JPEG, whose blocks may reach over the seam, keeps them.
        assert np.abs(image - random_image(seed, *size)).mean() < 3


def write_by_name(root, train=("a", "b", "c"), test=("d", "e")):
    """Images of 24x20 in trainA, trainB, testA, testB with these names."""
    for first, split in ((0, "trainA"), (1, "trainB"), (2, "testA"), (3, "testB")):
        (root / split).mkdir(parents=True)
        for index, name in enumerate(train if first < 2 else test):
            picture = Image.fromarray(random_image(100 * first + index))
            picture.save(root / split / f"{name}.png")
    return root


def test_picture_beyond_the_limit(tmp_path):
    write_side_by_side(tmp_path, train=1, test=1)
    write_bomb(tmp_path / "train" / "bomb.png")
    message = r"^`data_dir` has 1 .*bomb\.png \(more than 178,956,970 pixels\)"
    with pytest.raises(ValueError, match=message):
        paired_folder_source(tmp_path)
    with pytest.warns(UserWarning, match="bomb.png"):
        source = paired_folder_source(tmp_path, on_corrupt="skip")
    assert len(source.split("trainA")) == 1


@pytest.mark.parametrize("test", ["test", "val"])
def test_side_by_side(tmp_path, test):
    source = paired_folder_source(write_side_by_side(tmp_path, train=3, **{test: 2}))
    assert type(source) is PairedSource
    assert source.directory == tmp_path
    assert source.label == f"folder {tmp_path}, pairs side by side"
    assert_close(load_all(source.split("trainA")), [0, 1, 2])
    assert_close(load_all(source.split("trainB")), [1000, 1001, 1002])
    assert_close(load_all(source.reversed().split("testA")), [1003, 1004])
    assert_close(load_all(source.split("testA")), [3, 4])
    assert len(source.split("trainB+testB")) == 5


def test_test_goes_before_val(tmp_path):
    write_side_by_side(tmp_path, train=1, val=2, test=3)
    assert len(paired_folder_source(tmp_path).split("testA")) == 3


def test_halves_in_training_and_evaluation(tmp_path):
    source = paired_folder_source(write_side_by_side(tmp_path, train=2, test=2))
    ((a, b),) = paired_dataset(source, 24, batch_size=2).as_numpy_iterator()
    assert a.shape == b.shape == (2, 24, 24, 3)
    left, right = (
        evaluation_images(source.split(name), 24) for name in ("testA", "testB")
    )
    for images, first in ((left, 2), (right, 1002)):
        levels = np.round((images + 1) * 127.5).astype(int)
        assert_close(levels, [first, first + 1])


def test_matched_by_name(tmp_path):
    write_by_name(tmp_path)
    # The extension does not matter, nor do other files.
    (tmp_path / "trainB" / "b.png").unlink()
    picture = Image.fromarray(random_image(101))
    picture.save(tmp_path / "trainB" / "b.JPG", quality=95, subsampling=0)
    (tmp_path / "trainA" / "notes.txt").write_text("no image")
    source = paired_folder_source(tmp_path)
    assert type(source) is PairedSource
    assert source.label == f"folder {tmp_path}, pairs matched by name"
    size = (24, 20)
    assert_close(load_all(source.split("trainA")), [0, 1, 2], size)
    assert_close(load_all(source.split("trainB")), [100, 101, 102], size)
    assert_close(load_all(source.split("testB")), [300, 301], size)


def refused(tmp_path):
    with pytest.raises(ValueError, match="`data_dir` must") as error:
        paired_folder_source(tmp_path)
    message = str(error.value)
    assert "\n" not in message and f"Received: {str(tmp_path)!r}" in message
    return message


def test_names_that_do_not_match(tmp_path):
    write_by_name(tmp_path)
    for split, old, new in (("trainA", "b", "x"), ("trainB", "a", "y")):
        (tmp_path / split / f"{old}.png").rename(tmp_path / split / f"{new}.png")
    message = refused(tmp_path)
    assert "4 image(s)" in message
    assert "folder: trainA/a.png, trainA/x.png, trainB/b.png, ... (" in message


def test_an_unpaired_folder(tmp_path):
    write_folders(tmp_path, (3, 2, 2, 2))
    message = refused(tmp_path)
    assert "1 image(s) have no partner in the other folder: trainA/2.jpg (" in message
    assert "unpaired" in message


def test_one_name_twice(tmp_path):
    write_by_name(tmp_path)
    Image.fromarray(random_image(0)).save(tmp_path / "testB" / "d.bmp")
    assert "testB has d.bmp and d.png" in refused(tmp_path)


def test_sizes_that_differ(tmp_path):
    write_by_name(tmp_path)
    Image.fromarray(random_image(0, 24, 30)).save(tmp_path / "trainB" / "b.png")
    with pytest.raises(ValueError, match="`data_dir` has 1 pair.*Received: ") as error:
        paired_folder_source(tmp_path)
    described = "trainA/b.png with 20x24 pixels and trainB/b.png with 30x24 pixels"
    assert described in str(error.value) and "\n" not in str(error.value)
    with pytest.warns(UserWarning, match=f"Skipping a pair .*{described}"):
        source = paired_folder_source(tmp_path, on_corrupt="skip")
    assert source.label.endswith(", 1 pair(s) of different sizes skipped")
    assert_close(load_all(source.split("trainB")), [100, 102], (24, 20))


def test_single_pictures_are_not_cut(tmp_path):
    write_side_by_side(tmp_path, train=1, test=1)
    Image.fromarray(random_image(0, 24, 24)).save(tmp_path / "test" / "9.png")
    assert "9.png has 24x24 pixels" in refused(tmp_path)


def test_neither_layout(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "trainA").mkdir()
    assert refused(tmp_path).endswith("with neither")
    assert refused(tmp_path / "nowhere").endswith("with neither")


@pytest.mark.parametrize("write", [write_by_name, write_side_by_side])
def test_a_corrupt_image_takes_its_partner_with_it(tmp_path, write):
    if write is write_by_name:
        write_by_name(tmp_path)
        (tmp_path / "trainB" / "b.png").write_text("no image")
    else:
        write_side_by_side(tmp_path, train=3, test=2)
        (tmp_path / "train" / "1.jpg").write_text("no image")
    with pytest.raises(ValueError, match="`data_dir` has 1 corrupt image"):
        paired_folder_source(tmp_path)
    with pytest.warns(UserWarning, match="Skipping the corrupt image"):
        source = paired_folder_source(tmp_path, on_corrupt="skip")
    assert source.label.endswith(", 1 corrupt image(s) skipped")
    first = 100 if write is write_by_name else 1000
    size = (24, 20) if write is write_by_name else (24, 24)
    assert_close(load_all(source.split("trainA")), [0, 2], size)
    assert_close(load_all(source.split("trainB")), [first, first + 2], size)


def test_unknown_on_corrupt(tmp_path):
    with pytest.raises(ValueError, match="`on_corrupt` must .*Received: 'ignore'"):
        paired_folder_source(tmp_path, on_corrupt="ignore")
