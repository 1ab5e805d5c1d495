import keras
import numpy as np
import pytest

from crd_keras import models, translate
from crd_keras.inference import find_multiple, translate_any_size
from tests import tiny


def images(height, width, count=1):
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (count, height, width, 3)).astype("float32")


def test_sizes_that_fit_go_through_as_they_are():
    model = tiny.generator(4, seed=0)
    batch = images(8, 12, count=3)
    expected = translate(model, batch)
    np.testing.assert_array_equal(translate_any_size(model, batch), expected)


def test_other_sizes_are_mirrored_and_cropped():
    model = tiny.generator(4, seed=0)
    batch = images(9, 14)
    rows = [*range(9), 7, 6, 5]
    columns = [*range(14), 12, 11]
    padded = batch[:, rows][:, :, columns]
    expected = translate(model, padded)[:, :9, :14]
    np.testing.assert_array_equal(translate_any_size(model, batch), expected)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (3, 40)])
def test_images_smaller_than_the_padding(size):
    model = models.mobile_resnet_generator(filters=2, blocks=1, seed=0)
    result = translate_any_size(model, images(*size))
    assert result.shape == (1, *size, 3) and np.isfinite(result).all()


def test_multiple_and_minimum():
    class Spy:
        input_shape = (None, None, None, 3)

        def predict_on_batch(self, batch):
            self.size = batch.shape[1:3]
            return batch

    spy, batch = Spy(), images(5, 33)
    for multiple, minimum, size in [
        (16, 8, (16, 48)),
        (1, 1, (5, 33)),
        (3, 7, (9, 33)),
    ]:
        result = translate_any_size(spy, batch, multiple, minimum)
        assert spy.size == size
        np.testing.assert_array_equal(result, batch)


def test_bad_arguments():
    model = tiny.generator(4, seed=0)
    with pytest.raises(ValueError, match="`multiple` must be at least 1. Received: 0"):
        translate_any_size(model, images(8, 8), multiple=0)
    with pytest.raises(ValueError, match=r"`images` .* Received: \(8, 8, 3\)"):
        translate_any_size(model, images(8, 8)[0])
    with pytest.raises(ValueError, match="9x8 became 8x8. Received: 1"):
        translate_any_size(model, images(9, 8), multiple=1)
    fixed = models.mobile_resnet_generator((16, 12, 3), filters=2, blocks=1)
    assert translate_any_size(fixed, images(13, 12)).shape == (1, 13, 12, 3)
    with pytest.raises(ValueError, match="16x12. Received: 17x12, padded to 20x12"):
        translate_any_size(fixed, images(17, 12))


def test_multiple_is_found():
    cases = [
        (tiny.generator(4, seed=0), 2),
        (models.resnet_generator(filters=2, blocks=1), 4),
        (models.mobile_resnet_generator(filters=2, blocks=1), 4),
        (models.unet_generator(filters=1, downs=3), 8),
        (models.unet_generator(filters=1, downs=8), 256),
        (models.unet_generator((64, 64, 3), filters=1, downs=3), 1),
    ]
    for model, multiple in cases:
        assert find_multiple(model) == multiple
    halving = keras.layers.AveragePooling2D(2)
    model = keras.Sequential([keras.Input((None, None, 3)), halving])
    with pytest.raises(ValueError, match="`model` must give images as large as it"):
        find_multiple(model)
