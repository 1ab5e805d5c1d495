import numpy as np
import pytest

from crd_keras.data import sample_source, unpaired_dataset
from crd_keras.data.image_cache import ImageCache
from crd_keras.data.tensorflow_import import import_tensorflow

pytestmark = pytest.mark.any_backend

SHAPE = (4, 5, 3)


@pytest.mark.parametrize("room, kept", [(0, 0), (2.5, 2), (9, 5)])
def test_images_are_made_once_if_there_is_room(room, kept):
    tf = import_tensorflow()
    cache = ImageCache(5, SHAPE, room * np.prod(SHAPE) / 2**20)
    assert cache.capacity == kept
    made = []

    def make(index):
        def note(index):
            made.append(int(index))
            return np.full(SHAPE, index + 7, np.uint8)

        return tf.ensure_shape(tf.numpy_function(note, [index], tf.uint8), SHAPE)

    order = [3, 1, 3, 0, 1, 4, 3]
    dataset = tf.data.Dataset.from_tensor_slices(np.int64(order))
    dataset = dataset.map(lambda index: cache.get(index, lambda: make(index)))
    assert dataset.element_spec.shape == SHAPE
    expected = np.uint8(order)[:, None, None, None] + np.zeros(SHAPE, np.uint8) + 7
    for _ in range(2):
        images = np.stack(list(dataset.as_numpy_iterator()))
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(images, expected)
    for index in set(order):
        assert made.count(index) == (1 if index < kept else 2 * order.count(index))


def test_what_is_seen_does_not_depend_on_it():
    source = sample_source(image_size=16, train=3, test=1)

    def epochs(mebibytes):
        dataset = unpaired_dataset(source, 16, cache_mebibytes=mebibytes)
        return [list(dataset.as_numpy_iterator()) for _ in range(3)]

    whole = epochs(1)
    for room in (0, 4.5 * 18**2 * 3 / 2**20):
        np.testing.assert_array_equal(epochs(room), whole)
