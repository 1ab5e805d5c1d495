import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    evaluation_batches,
    evaluation_images,
    folder_source,
    sample_source,
)
from tests.data.image_folders import write_folders

pytestmark = pytest.mark.any_backend


def test_images_as_they_are():
    source = sample_source(image_size=16, train=1, test=5)
    images = evaluation_images(source.split("testA"), image_size=16)
    assert images.dtype == np.float32
    expected = source.split("testA").records / 127.5 - 1
    np.testing.assert_allclose(images, expected, atol=1e-6)


def test_resized_without_cropping(tmp_path):
    source = folder_source(write_folders(tmp_path, (1, 1, 1, 3)))
    images = evaluation_images(source.split("testB"), image_size=12)
    paths = [tmp_path / "testB" / f"{index}.jpg" for index in range(3)]
    assert len(images) == 3
    for image, path in zip(images, paths):
        picture = Image.open(path).resize((12, 12), Image.Resampling.BICUBIC)
        levels = (image + 1) * 127.5
        assert np.abs(levels - np.asarray(picture)).max() < 1.001


def test_batches_can_be_gone_through_again():
    source = sample_source(image_size=16, train=1, test=5)
    batches = evaluation_batches(source.split("testB"), 16, batch_size=2, limit=3)
    assert int(batches.cardinality()) == 2
    once, again = (list(batches.as_numpy_iterator()) for _ in range(2))
    assert [len(batch) for batch in once] == [2, 1]
    np.testing.assert_array_equal(np.concatenate(once), np.concatenate(again))
    np.testing.assert_array_equal(
        np.concatenate(once), evaluation_images(source.split("testB"), 16)[:3]
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"image_size": 10}, "`image_size` must .*: 10"),
        ({"batch_size": 0}, "`batch_size` must .*: 0"),
        ({"limit": 0}, "`limit` must .*: 0"),
    ],
)
def test_bad_arguments(arguments, message):
    source = sample_source(image_size=8, train=1, test=1)
    arguments = {"image_size": 8, **arguments}
    with pytest.raises(ValueError, match=message):
        evaluation_batches(source.split("testA"), **arguments)
