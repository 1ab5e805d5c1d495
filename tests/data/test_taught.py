import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    folder_source,
    held_out_source,
    paired_dataset,
    paired_folder_source,
    sample_source,
    source_with_channels,
    taught_source,
    unpaired_arrays,
    unpaired_dataset,
)
from crd_keras.utils.channels import with_channels
from tests.data.image_folders import random_image, write_folders, write_side_by_side

pytestmark = pytest.mark.any_backend


@pytest.fixture
def folders(tmp_path):
    """A folder of images and one with the negative of each of trainA."""
    data = write_folders(tmp_path / "data", (5, 3, 2, 2))
    taught = tmp_path / "taught"
    taught.mkdir()
    for path in (data / "trainA").iterdir():
        negative = 255 - np.asarray(Image.open(path))
        Image.fromarray(negative).save(taught / f"{path.stem}.png")
    Image.fromarray(random_image(0)).save(taught / "of another domain.png")
    return data, taught


@pytest.mark.parametrize("pipeline", ["tf", "python"])
def test_the_teachers_images_come_with_theirs(folders, pipeline):
    source = taught_source(folder_source(folders[0]), folders[1])
    settings = {"image_size": 16, "batch_size": 2, "seed": 3, "pipeline": pipeline}
    batches = list(unpaired_dataset(source, **settings))
    assert len(batches) == 2
    plain = unpaired_dataset(folder_source(folders[0]), **settings)
    for (a, (taught, b)), (same_a, same_b) in zip(batches, plain, strict=True):
        # To a grey level, which resizing rounds.
        np.testing.assert_allclose(taught, -np.asarray(a), atol=1.01 / 127.5)
        np.testing.assert_array_equal(a, same_a)
        np.testing.assert_array_equal(b, same_b)
        assert taught.shape == (2, 16, 16, 3)


def test_both_pipelines_agree(folders):
    source = taught_source(folder_source(folders[0]), folders[1])
    first, second = (
        next(iter(unpaired_dataset(source, 16, 2, pipeline=pipeline)))
        for pipeline in ("tf", "python")
    )
    for x, y in ((first[0], second[0]), *zip(first[1], second[1], strict=True)):
        np.testing.assert_allclose(x, y, atol=1.01 / 127.5)


def test_pairs(tmp_path, folders):
    data, taught = folders
    for split, count in (("train", 5), ("test", 2)):
        for index in range(count):
            path = data / f"{split}B" / f"{index}.jpg"
            path.write_bytes((data / f"{split}A" / f"{index}.jpg").read_bytes())
    source = taught_source(paired_folder_source(data), taught)
    ((a, (negative, b)),) = paired_dataset(source, 16, 5, pipeline="python")
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(negative, -a, atol=1.01 / 127.5)


@pytest.mark.parametrize("channels", [(1, 3), (3, 1)])
@pytest.mark.parametrize("is_turned", [False, True])
def test_upright_and_in_grey(folders, channels, is_turned):
    data, taught = folders
    if is_turned:
        upright = Image.open(data / "trainA" / "2.jpg")
        exif = Image.Exif()
        exif[0x0112] = 6  # A quarter to the right makes it upright.
        stored = upright.transpose(Image.Transpose.ROTATE_90)
        stored.save(data / "trainA" / "2.jpg", quality=100, subsampling=0, exif=exif)
    source = taught_source(folder_source(data, channels=channels), taught)
    ((a, (negative, b)),) = unpaired_dataset(source, 16, 5, pipeline="python")
    assert a.shape == (5, 16, 16, channels[0])
    assert negative.shape == b.shape == (5, 16, 16, channels[1])
    a, negative = (
        images if images.shape[-1] == 1 else with_channels(images, 1)
        for images in (a, negative)
    )
    # Rounded twice, and by JPEG once more.
    np.testing.assert_allclose(negative, -a, atol=4 / 127.5)


def test_what_becomes_of_them(folders):
    source = taught_source(folder_source(folders[0]), folders[1])
    assert len(source.taught) == 5
    assert source.label.endswith(f", taught by the images of {folders[1]}")
    assert source.reversed().taught is None
    assert source_with_channels(source, (3, 1)).taught.channels == 1
    held_out = held_out_source(source, 2)
    assert [path.split("/")[-1] for path in held_out.taught.records] == [
        f"{index}.png" for index in range(3)
    ]


def test_arrays():
    images = np.linspace(-1, 1, 5 * 48).reshape(5, 4, 4, 3).astype("float32")
    others = np.zeros((3, 4, 4, 3), "float32")
    batches = unpaired_arrays(images, others, 2, taught_images=-images)
    for a, (taught, b) in batches:
        np.testing.assert_array_equal(taught, -a)
        assert a.shape == b.shape == (2, 4, 4, 3)
    with pytest.raises(ValueError, match="`taught_images` must be .*: 3 for 5$"):
        unpaired_arrays(images, others, 2, taught_images=others)


class TestBadInput:
    def refused(self, folders, message):
        with pytest.raises(ValueError, match=f"^`taught` {message}") as caught:
            taught_source(folder_source(folders[0]), folders[1])
        assert "\n" not in str(caught.value)

    def test_a_picture_is_missing(self, folders):
        (folders[1] / "2.png").unlink()
        (folders[1] / "4.png").unlink()
        self.refused(folders, "must have a picture .* 2 are missing, .* of 2.jpg;")

    def test_a_picture_of_another_size(self, folders):
        Image.fromarray(random_image(0, 24, 30)).save(folders[1] / "2.png")
        message = "must have pictures as large .*2.png has 30x24 pixels, .*2.jpg 20x24"
        self.refused(folders, message)

    def test_a_picture_that_cannot_be_read(self, folders):
        content = (folders[1] / "2.png").read_bytes()
        (folders[1] / "2.png").write_bytes(content[:-40])
        self.refused(folders, "has a corrupt picture, .*2.png .truncated.; have it")

    def test_two_of_one_name(self, folders):
        Image.fromarray(random_image(0)).save(folders[1] / "2.bmp")
        self.refused(folders, "matches pictures by .*/taught has 2.bmp and 2.png")

    def test_no_folder(self, folders):
        self.refused((folders[0], folders[1] / "none"), "must be a folder. Received")

    def test_sources_without_names(self, tmp_path, folders):
        message = "^`taught` needs source images in files, .* built-in sample"
        with pytest.raises(ValueError, match=message):
            taught_source(sample_source(16, 2, 2), folders[1])
        halves = paired_folder_source(write_side_by_side(tmp_path, train=1, test=1))
        with pytest.raises(ValueError, match="needs .*one picture in each"):
            taught_source(halves, folders[1])
