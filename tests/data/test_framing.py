import hashlib

import numpy as np
import pytest
from PIL import Image

from crd_keras.data import (
    Images,
    UnpairedSource,
    evaluation_images,
    sample_source,
    unpaired_dataset,
)
from crd_keras.data.framing import frame, frame_array, unframe_array
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.framing import FRAMINGS

pytestmark = pytest.mark.any_backend

SIZE = (24, 40)


def smooth(height, width, seed=0, channels=3):
    colours = np.random.default_rng(seed).integers(60, 190, (4, 4, channels), np.uint8)
    bands = [
        Image.fromarray(np.ascontiguousarray(band)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        for band in np.moveaxis(colours, -1, 0)
    ]
    return np.stack([np.asarray(band) for band in bands], axis=-1)


def source(**shapes):
    """Pictures of which those of a split are of one shape."""
    splits = {
        name: Images(np.stack([smooth(*shape, seed) for seed in range(count)]))
        for name, (count, *shape) in shapes.items()
    }
    return UnpairedSource(label="smooth", splits=splits)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("shape", [(30, 30), (24, 40), (25, 90), (70, 31)])
def test_both_ways_agree_to_a_grey_level(framing, shape, channels):
    tf = import_tensorflow()
    image = smooth(*shape, channels=channels)
    dataset = tf.data.Dataset.from_tensors(image)
    # As the pipeline sees files: of a size that is known when they are read.
    dataset = dataset.map(lambda x: frame(unknown(tf, x), SIZE, framing))
    assert dataset.element_spec.shape == (*SIZE, channels)
    (framed,) = dataset.as_numpy_iterator()
    expected = frame_array(image, SIZE, framing)
    assert expected.shape == (*SIZE, channels) and expected.dtype == np.uint8
    assert np.abs(framed - expected).max() <= 1


def unknown(tf, image):
    same = tf.numpy_function(lambda x: x, [image], tf.uint8)
    return tf.ensure_shape(same, (None, None, image.shape[-1]))


def test_crop_and_pad_without_resizing():
    image = smooth(24, 60)
    np.testing.assert_array_equal(frame_array(image, SIZE, "crop"), image[:, 10:50])
    padded = frame_array(image[:, :20], SIZE, "pad")
    np.testing.assert_array_equal(padded[:, 10:30], image[:, :20])
    assert (padded[:, :10] == 255).all() and (padded[:, 30:] == 255).all()
    np.testing.assert_array_equal(unframe_array(padded, (24, 20), "pad"), image[:, :20])
    np.testing.assert_array_equal(unframe_array(padded, (24, 60), "crop"), padded)
    assert unframe_array(padded, (300, 100), "squash").shape == (24, 8, 3)


def test_floats_are_resized_as_whole_numbers_are():
    image = smooth(50, 50)
    expected = frame_array(image, SIZE, "pad")
    framed = frame_array(image.astype("float32"), SIZE, "pad")
    assert framed.dtype == np.float32 and np.abs(framed - expected).max() < 1.01


@pytest.mark.parametrize("pipeline", ["tf", "python"])
def test_pipelines_obey(pipeline):
    data = source(
        trainA=(2, 54, 45), trainB=(2, 27, 90), testA=(1, 9, 9), testB=(1, 9, 9)
    )
    ((a, b),) = unpaired_dataset(
        data, SIZE, 2, pipeline=pipeline, framing="pad", cache_mebibytes=0.01
    )
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape == (2, *SIZE, 3)
    # Of 27x45 pixels 24x40 are seen. Those of A have 23 columns of picture in the
    # middle, those of B 14 rows.
    border = (a == 1).all(axis=(1, 3)).sum(axis=1)
    assert (border == 40 - 23).all()
    border = (b == 1).all(axis=(2, 3)).sum(axis=1)
    assert (border == 24 - 14).all()
    images = evaluation_images(
        data.split("trainA"), SIZE, pipeline=pipeline, framing="crop"
    )
    expected = np.stack([frame_array(smooth(54, 45, i), SIZE, "crop") for i in (0, 1)])
    assert np.abs((images + 1) * 127.5 - expected).max() < 1.001


HASHES = {
    "tf": ("a8230e52b301bb3b", "52425dcd8af617c9"),
    "python": ("19b4de543023855f", "95408d4aa908b962"),
}


@pytest.mark.parametrize("pipeline", HASHES)
def test_squash_is_what_it_was(pipeline):
    """Hashes of what commit 9b31149 gave, which knew nothing else."""
    data = source(
        trainA=(3, 40, 30), trainB=(2, 24, 50), testA=(2, 33, 47), testB=(1, 9, 9)
    )
    dataset = unpaired_dataset(data, 16, 2, seed=5, pipeline=pipeline)
    batches = [np.asarray(x) for _ in range(3) for pair in dataset for x in pair]
    images = evaluation_images(data.split("testA"), 16, pipeline=pipeline)
    digests = [
        hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()[:16]
        for x in (np.stack(batches), images)
    ]
    assert tuple(digests) == HASHES[pipeline]


def test_the_sample_in_another_shape():
    drawn = sample_source((24, 40), train=1, test=1)
    plain, mask = drawn.split("testA").records[0], drawn.masks["testA"][0]
    striped = drawn.ground_truth["testA"][0]
    assert plain.shape == (24, 40, 3) and mask.shape == (24, 40)
    differs = (plain != striped).any(axis=-1)
    assert differs.any() and not differs[~mask].any()


@pytest.mark.parametrize("size", [(270, 480), (24, 0)])
def test_sizes_that_the_networks_cannot_halve(size):
    data = sample_source(8, train=1, test=1)
    with pytest.raises(ValueError, match="`image_size` must be "):
        unpaired_dataset(data, size)
