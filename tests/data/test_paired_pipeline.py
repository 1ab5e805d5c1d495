import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, gans, models
from crd_keras.data import (
    Images,
    PairedSource,
    paired_dataset,
    paired_sample_source,
    sample_source,
    unpaired_dataset,
)
from crd_keras.data.tensorflow_import import import_tensorflow
from tests.data.image_folders import random_image


def negatives(train=7):
    """Each image of B is the negative of its image of A."""

    def pairs(first, number):
        images = np.stack([random_image(first + i, 20, 20) for i in range(number)])
        return Images(images), Images(255 - images)

    (train_a, train_b), (test_a, test_b) = pairs(0, train), pairs(100, 1)
    splits = {"trainA": train_a, "trainB": train_b, "testA": test_a, "testB": test_b}
    return PairedSource(label="negatives", splits=splits)


def epochs(dataset, number):
    return [list(dataset.as_numpy_iterator()) for _ in range(number)]


@pytest.mark.any_backend
@pytest.mark.parametrize("batch_size, steps", [(1, 7), (3, 2), (7, 1)])
def test_crops_and_flips_are_those_of_the_pair(batch_size, steps):
    dataset = paired_dataset(negatives(), 32, batch_size)
    assert int(dataset.cardinality()) == steps
    for epoch in epochs(dataset, 2):
        assert len(epoch) == steps
        for a, b in epoch:
            assert a.shape == b.shape == (batch_size, 32, 32, 3)
            assert a.dtype == b.dtype == np.float32
            assert a.std() > 0.1
            # Up to the rounding of resized grey levels.
            np.testing.assert_allclose(a, -b, atol=1.01 / 127.5)


@pytest.mark.any_backend
def test_an_epoch_has_each_pair_once_in_an_order_of_its_own():
    levels = np.arange(40, dtype=np.uint8)[:, None, None, None]
    greys = Images(np.broadcast_to(levels, (40, 8, 8, 3)).copy())
    dark = Images(greys.records + np.uint8(100))
    splits = {"trainA": greys, "trainB": dark, "testA": greys, "testB": dark}
    source = PairedSource(label="greys", splits=splits)

    def order(epoch):
        a, b = (
            np.concatenate([batch[domain][:, 0, 0, 0] for batch in epoch])
            for domain in (0, 1)
        )
        a, b = (np.round((x + 1) * 127.5).astype(int).tolist() for x in (a, b))
        assert b == [level + 100 for level in a]
        return a

    first, second = map(order, epochs(paired_dataset(source, 8, 4), 2))
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second and first != list(range(40))


@pytest.mark.any_backend
def test_augmentation_varies_and_follows_from_seed_and_epoch():
    def dataset(**arguments):
        return paired_dataset(negatives(), 32, 2, **arguments)

    whole = epochs(dataset(seed=3), 2)
    (resumed,) = epochs(dataset(seed=3, first_epoch=1), 1)
    for batch, same in zip(whole[1], resumed, strict=True):
        for images, same_images in zip(batch, same, strict=True):
            np.testing.assert_array_equal(images, same_images)
    (other,) = epochs(dataset(seed=4), 1)
    for epoch in (other, whole[1]):
        assert np.abs(epoch[0][0] - whole[0][0][0]).mean() > 0.05


@pytest.mark.any_backend
def test_a_domain_is_as_in_the_unpaired_pipeline():
    source = negatives()
    ((paired, _),) = epochs(paired_dataset(source, 32, 7, seed=5), 1)[0]
    ((unpaired, _),) = epochs(unpaired_dataset(source, 32, 7, seed=5), 1)[0]
    np.testing.assert_array_equal(paired, unpaired)


@pytest.mark.any_backend
def test_more_augmentation_of_both_together():
    tf = import_tensorflow()
    flipped = []

    def upside_down(a, b):
        flipped.append(a.shape)
        return tf.reverse(a, [1]), tf.reverse(b, [1])

    (plain,) = epochs(paired_dataset(negatives(), 32, 2), 1)
    (augmented,) = epochs(
        paired_dataset(negatives(), 32, 2, augmentation=upside_down), 1
    )
    assert flipped[0] == (2, 32, 32, 3)
    for batch, plain_batch in zip(augmented, plain, strict=True):
        for images, plain_images in zip(batch, plain_batch, strict=True):
            np.testing.assert_array_equal(images, plain_images[:, ::-1])


def test_fit():
    source = paired_sample_source(image_size=16, train=4, test=1)
    trainer = CRDTrainer(
        gans.Pix2Pix(
            models.unet_generator(filters=2, downs=2),
            models.patch_discriminator((None, None, 6), 2, layers=1, norm="batch"),
        ),
        models.unet_generator(filters=1, downs=2),
        distillation_losses={"pixels": keras.losses.MeanAbsoluteError()},
    )
    trainer.compile()
    dataset = paired_dataset(source, 16, batch_size=2)
    history = trainer.fit(dataset, epochs=2, verbose=0, shuffle=False).history
    assert len(history["teacher_l1"]) == 2
    assert np.isfinite([values[-1] for values in history.values()]).all()


@pytest.mark.any_backend
def test_unpaired_images_are_refused():
    with pytest.raises(ValueError, match="`source` must be a PairedSource.*built-in"):
        paired_dataset(sample_source(image_size=16, train=2, test=1), 16)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "argument, value",
    [("image_size", 30), ("batch_size", 0), ("batch_size", 8), ("first_epoch", -1)],
)
def test_bad_arguments(argument, value):
    arguments = {"image_size": 32, argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` must .*Received: {value}$"):
        paired_dataset(negatives(), **arguments)
