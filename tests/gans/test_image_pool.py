import keras
import numpy as np
import pytest

from crd_keras.gans.image_pool import ImagePool


def numbered(first, count, shape=(2, 2, 1)):
    """Images that all hold their number, so that each can be told."""
    numbers = np.arange(first, first + count, dtype="float32")
    return np.broadcast_to(numbers[:, None, None, None], (count, *shape)).copy()


def show(pool, images):
    """The numbers of the images that a pool gives back."""
    result = keras.ops.convert_to_numpy(pool(images))
    assert result.shape == images.shape
    assert np.all(result == result[:, :1, :1, :1])
    return result[:, 0, 0, 0]


def kept(pool):
    return keras.ops.convert_to_numpy(pool.images)[: int(pool.count), 0, 0, 0]


def test_fills_up_and_returns_its_input():
    pool = ImagePool(6, seed=0)
    for first in (1, 3, 5):
        np.testing.assert_array_equal(
            show(pool, numbered(first, 2)), [first, first + 1]
        )
        np.testing.assert_array_equal(kept(pool), np.arange(1, first + 2))


@pytest.mark.parametrize("batch", [1, 4, 5])
def test_no_image_is_lost_or_doubled(batch):
    pool = ImagePool(5, seed=0)
    held = set()
    for step in range(20):
        images = numbered(1 + step * batch, batch)
        returned = show(pool, images)
        now = kept(pool)
        everything = sorted([*held, *images[:, 0, 0, 0]])
        if len(everything) <= 5:
            # Kept and returned: nothing is exchanged while there is room.
            assert sorted(now) == everything
        else:
            # The first of a batch may fill the pool up, the others are exchanged.
            filling = max(0, 5 - len(held))
            assert sorted([*now, *returned[filling:]]) == everything
            np.testing.assert_array_equal(returned[:filling], images[:filling, 0, 0, 0])
        assert len(set(returned)) == batch
        held = set(now)


def test_a_batch_larger_than_what_is_free():
    exchanged = 0
    for seed in range(40):
        pool = ImagePool(5, seed=seed)
        show(pool, numbered(1, 3))
        returned = show(pool, numbered(4, 4))
        # Images 4 and 5 find room; 6 and 7 may be exchanged for what was kept before.
        np.testing.assert_array_equal(returned[:2], [4, 5])
        assert sorted([*kept(pool), *returned[2:]]) == [1, 2, 3, 4, 5, 6, 7]
        assert set(returned[2:]) <= {1, 2, 3, 6, 7}
        exchanged += np.sum(returned[2:] < 4)
    # Of 80 with probability 1/2: three standard deviations are 13.
    assert 27 <= exchanged <= 53


def test_about_half_are_exchanged_evenly():
    size, batch, steps = 10, 5, 200
    pool = ImagePool(size, seed=0)
    show(pool, numbered(0, size // 2))
    show(pool, numbered(size // 2, size // 2))
    exchanged_places = np.zeros(size)
    for step in range(steps):
        before = kept(pool)
        images = numbered(size + step * batch, batch)
        returned = show(pool, images)
        exchanged = returned != images[:, 0, 0, 0]
        assert set(returned[exchanged]) <= set(before)
        exchanged_places += kept(pool) != before
        assert exchanged.sum() == np.sum(kept(pool) != before)
    # 1000 images with probability 1/2: four standard deviations are 63.
    assert abs(exchanged_places.sum() - steps * batch / 2) < 63
    # Each of the 10 places is hit in 1/4 of 200 steps: four are 24.
    assert np.all(np.abs(exchanged_places - steps / 4) < 24)


def test_size_0_returns_its_input():
    pool = ImagePool(0)
    np.testing.assert_array_equal(show(pool, numbered(1, 3)), [1, 2, 3])
    assert not pool.weights


def test_the_state_survives_saving(tmp_path):
    def model():
        inputs = keras.Input((2, 2, 1))
        return keras.Model(inputs, ImagePool(4, seed=0, name="pool")(inputs))

    original, restored = model(), model()
    pool = original.get_layer("pool")
    for first in (1, 5, 9):
        show(pool, numbered(first, 4))
    original.save_weights(tmp_path / "pool.weights.h5")
    restored.load_weights(tmp_path / "pool.weights.h5")
    for first in range(13, 60, 4):
        images = numbered(first, 4)
        np.testing.assert_array_equal(
            show(restored.get_layer("pool"), images), show(pool, images)
        )


def test_seeds():
    def draws(seed):
        pool = ImagePool(4, seed=seed)
        return np.concatenate([show(pool, numbered(4 * i, 4)) for i in range(6)])

    np.testing.assert_array_equal(draws(1), draws(1))
    assert np.any(draws(1) != draws(2))


def test_config_round_trip():
    pool = ImagePool(7, seed=3, name="fakes")
    config = keras.saving.serialize_keras_object(pool)
    restored = keras.saving.deserialize_keras_object(config)
    assert (restored.size, restored.seed, restored.name) == (7, 3, "fakes")


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`size` must be.*Received: -1"):
        ImagePool(-1)
    pool = ImagePool(4)
    with pytest.raises(ValueError, match="`inputs` must.*4.*Received: a batch of 5"):
        pool(numbered(0, 5))
    pool(numbered(0, 2))
    with pytest.raises(ValueError, match=r"`inputs` must.*Received: \(3, 2, 1\)"):
        pool(numbered(0, 2, shape=(3, 2, 1)))
