import gc

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, gans, models
from crd_keras.data import (
    Images,
    UnpairedSource,
    evaluation_batches,
    folder_source,
    sample_source,
    unpaired_dataset,
)
from crd_keras.data.tensorflow_import import import_tensorflow
from tests.data.image_folders import write_folders


def grey_source(train_a, train_b):
    """Image i of a domain is all of grey level i, so that a batch tells its images."""

    def greys(count):
        levels = np.arange(count, dtype=np.uint8)[:, None, None, None]
        return Images(np.broadcast_to(levels, (count, 8, 8, 3)).copy())

    counts = {"trainA": train_a, "trainB": train_b, "testA": 1, "testB": 1}
    splits = {name: greys(count) for name, count in counts.items()}
    return UnpairedSource(label="greys", splits=splits)


def epochs(dataset, number):
    return [list(dataset.as_numpy_iterator()) for _ in range(number)]


def levels(epoch, domain):
    images = np.concatenate([batch[domain] for batch in epoch])
    return np.round((images[:, 0, 0, 0] + 1) * 127.5).astype(int).tolist()


def assert_same(one, other):
    for batch, same_batch in zip(one, other, strict=True):
        for images, same_images in zip(batch, same_batch, strict=True):
            np.testing.assert_array_equal(images, same_images)


@pytest.mark.any_backend
@pytest.mark.parametrize("batch_size, steps", [(1, 10), (3, 3), (4, 2), (10, 1)])
def test_an_epoch_goes_once_through_the_larger_domain(batch_size, steps):
    for sizes in ((10, 4), (4, 10)):
        dataset = unpaired_dataset(grey_source(*sizes), 8, batch_size)
        assert int(dataset.cardinality()) == steps
        for epoch in epochs(dataset, 2):
            assert len(epoch) == steps
            for batch in epoch:
                for images in batch:
                    assert images.shape == (batch_size, 8, 8, 3)
                    assert images.dtype == np.float32
            larger = levels(epoch, sizes.index(10))
            assert len(set(larger)) == steps * batch_size
            smaller = levels(epoch, sizes.index(4))
            # All of the smaller domain before any comes again.
            for start in range(0, len(smaller) - 3, 4):
                assert sorted(smaller[start : start + 4]) == [0, 1, 2, 3]


@pytest.mark.any_backend
def test_orders_are_shuffled_anew():
    dataset = unpaired_dataset(grey_source(40, 40), 8, 4)
    first, second = epochs(dataset, 2)
    orders = [levels(epoch, domain) for epoch in (first, second) for domain in (0, 1)]
    orders.append(list(range(40)))
    for i in range(5):
        for j in range(i):
            assert orders[i] != orders[j]


@pytest.mark.any_backend
def test_the_smaller_domain_is_shuffled_in_each_round():
    dataset = unpaired_dataset(grey_source(40, 10), 8, 40)
    ((batch,),) = epochs(dataset, 1)
    smaller = levels([batch], 1)
    rounds = {tuple(smaller[start : start + 10]) for start in range(0, 40, 10)}
    assert len(rounds) == 4


@pytest.mark.any_backend
def test_every_epoch_follows_from_seed_and_number():
    source = sample_source(image_size=16, train=5, test=1)

    def dataset(**arguments):
        return unpaired_dataset(source, 16, batch_size=2, **arguments)

    whole = epochs(dataset(seed=3), 3)
    for first_epoch in range(3):
        resumed = epochs(dataset(seed=3, first_epoch=first_epoch), 3 - first_epoch)
        for epoch, resumed_epoch in zip(whole[first_epoch:], resumed, strict=True):
            assert_same(epoch, resumed_epoch)
    other = epochs(dataset(seed=4), 1)[0]
    for epoch in (other, whole[1], whole[2]):
        assert np.abs(epoch[0][0] - whole[0][0][0]).mean() > 0.05


@pytest.mark.any_backend
def test_the_epoch_counter_outlives_the_function(tmp_path):
    dataset = unpaired_dataset(sample_source(16, 3, 1), 16)
    gc.collect()
    first, second = epochs(dataset, 2)
    assert np.abs(first[0][0] - second[0][0]).max() > 0.05


@pytest.mark.any_backend
def test_folders(tmp_path):
    source = folder_source(write_folders(tmp_path, (3, 2, 1, 1)))
    dataset = unpaired_dataset(source, 16, batch_size=2)
    ((a, b),) = epochs(dataset, 1)[0]
    assert a.shape == b.shape == (2, 16, 16, 3)
    assert -1 <= a.min() < -0.1 and 0.1 < a.max() <= 1


def test_fit_sees_the_epochs_it_should():
    """A resumed `fit`, on each backend, with the images as the pipeline gives them."""
    tf = import_tensorflow()
    source = sample_source(image_size=16, train=4, test=1)
    expected = epochs(unpaired_dataset(source, 16, 2, first_epoch=2), 2)
    expected = [float(a.mean()) for epoch in expected for a, _ in epoch]

    seen = []

    def record(a, b):
        def note(images):
            seen.append(float(images.mean()))
            return images

        return tf.ensure_shape(tf.numpy_function(note, [a], tf.float32), a.shape), b

    def generator():
        return models.resnet_generator(filters=2, blocks=1)

    def discriminator():
        return models.patch_discriminator(filters=2, layers=1)

    teacher = gans.CycleGAN(generator(), generator(), discriminator(), discriminator())
    trainer = CRDTrainer(teacher, generator(), distillation_losses={})
    trainer.compile()
    dataset = unpaired_dataset(source, 16, 2, first_epoch=2).map(record)
    history = trainer.fit(dataset, initial_epoch=2, epochs=4, verbose=0, shuffle=False)
    assert len(history.epoch) == 2
    np.testing.assert_allclose(seen, expected, atol=1e-6)


def brightness():
    return keras.layers.RandomBrightness(0.5, value_range=(-1, 1), seed=1)


def cutout():
    from keras_cv.layers import RandomCutout

    return RandomCutout((0.4, 0.6), (0.4, 0.6), fill_mode="constant", seed=1)


@pytest.mark.parametrize("make_layer", [brightness, cutout])
def test_more_augmentation_by_a_layer(make_layer):
    source = sample_source(image_size=32, train=4, test=1)
    plain = epochs(unpaired_dataset(source, 32, 2), 1)[0]
    layer = make_layer()
    dataset = unpaired_dataset(source, 32, 2, augmentation=layer)
    augmented = epochs(dataset, 1)[0]
    for batch, plain_batch in zip(augmented, plain, strict=True):
        for images, plain_images in zip(batch, plain_batch, strict=True):
            assert images.shape == (2, 32, 32, 3) and images.dtype == np.float32
            assert -1 <= images.min() and images.max() <= 1
            assert np.abs(images - plain_images).mean() > 0.01


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "argument, value",
    [
        ("image_size", 0),
        ("image_size", -8),
        ("image_size", 30),
        ("batch_size", 0),
        ("batch_size", 5),
        ("seed", -1),
        ("first_epoch", -1),
        ("cache_mebibytes", -1),
    ],
)
def test_bad_arguments(argument, value):
    arguments = {"image_size": 8, argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` must .*Received: {value}$"):
        unpaired_dataset(grey_source(4, 3), **arguments)


def test_no_epoch_ends_by_waiting_for_tf_data_to_tune_itself():
    images = dict(image_size=8, seed=0, pipeline="tf")
    for dataset in (
        unpaired_dataset(grey_source(3, 4), batch_size=1, **images),
        evaluation_batches(grey_source(1, 1).split("trainA"), 8, pipeline="tf"),
    ):
        assert dataset.options().autotune.enabled is False
