"""The tf.data pipeline of training images."""

import functools
from collections.abc import Sequence
from typing import Any

from crd_keras.data.augmentation import crop_and_flip, enlarge
from crd_keras.data.epochs import epoch_steps
from crd_keras.data.image_cache import ImageCache
from crd_keras.data.pair_dataset import as_pair
from crd_keras.data.prefetching import prefetch
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.data.training_images import TrainingImages


def tf_pairs(images: TrainingImages) -> Any:
    """The batches of `unpaired_dataset` and `paired_dataset` by tf.data.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If `batch_size` is not positive or larger than the larger domain.
    """
    steps = epoch_steps(images.counts, images.batch_size)
    length = steps * images.batch_size
    tf = import_tensorflow()
    domains, streams = images.domains, images.random_streams
    caches = images.make_caches(ImageCache)
    with tf.device("CPU:0"):
        epoch_counter = tf.Variable(images.first_epoch, dtype=tf.int64, trainable=False)
        records = _constants(domains)

    def next_epoch(_):
        return epoch_counter.assign_add(1) - 1

    def examples(epoch):
        orders = []
        for stream, count in zip(streams, images.counts, strict=True):
            order_seed = _epoch_seed(images.seed, stream, epoch)
            orders.append(_order(count, length, order_seed))
        position = tf.range(length, dtype=tf.int64)
        epochs = tf.repeat(epoch, length)
        return tf.data.Dataset.from_tensor_slices((epochs, position, *orders))

    def enlarged(domain, index):
        image = domains[domain].tensor(records[domain][index])
        return enlarge(image, images.image_size, images.framing)

    def load(epoch, position, *indices):
        loaded = []
        for domain, index in enumerate(indices):
            image = caches[domain].get(
                tf.cast(index, tf.int64), functools.partial(enlarged, domain, index)
            )
            image_seed = tf.random.experimental.stateless_fold_in(
                _epoch_seed(images.seed, streams[domain], epoch), position, alg="philox"
            )
            image = crop_and_flip(image, images.image_size, image_seed)
            if images.image_augmentation is not None:
                # Another than that of the crop, which its numbers must not follow.
                other_seed = tf.random.experimental.stateless_fold_in(
                    image_seed, 0, alg="philox"
                )
                image = tf.ensure_shape(
                    images.image_augmentation(image, other_seed), image.shape
                )
            loaded.append(image)
        return tuple(loaded)

    dataset = tf.data.Dataset.range(1).map(next_epoch).flat_map(examples)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.batch(images.batch_size, drop_remainder=True)
    augmentation = images.augmentation
    if augmentation is not None:
        dataset = dataset.map(
            lambda *batch: tuple(
                tf.ensure_shape(after, before.shape)
                for after, before in zip(augmentation(*batch), batch, strict=True)
            )
        )
    if len(domains) > 2:
        dataset = dataset.map(as_pair)
    # So that Keras knows the number of steps from the first epoch on.
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return prefetch(dataset)


def _constants(domains: Sequence[Images]) -> list[Any]:
    """The records of each domain as tensors."""
    tf = import_tensorflow()
    # Two halves of the same pictures need not be in memory twice.
    records = {id(images.records): images.records for images in domains}
    constants = {key: tf.constant(array) for key, array in records.items()}
    return [constants[id(images.records)] for images in domains]


def _epoch_seed(seed: int, stream: int, epoch: Any) -> Any:
    tf = import_tensorflow()
    return tf.random.experimental.stateless_fold_in(
        tf.constant((seed, stream), tf.int64), epoch, alg="philox"
    )


def _order(images: int, length: int, seed: Any) -> Any:
    """Indices of images for one epoch: one shuffle of all after the other."""
    tf = import_tensorflow()
    rounds = -(-length // images)
    keys = tf.random.stateless_uniform((rounds, images), seed, alg="philox")
    return tf.reshape(tf.argsort(keys), (-1,))[:length]
