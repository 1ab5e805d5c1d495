"""The tf.data pipeline of training images."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from crd_keras.data.augmentation import crop_and_flip, enlarge, enlarged_size
from crd_keras.data.cache_rooms import cache_rooms
from crd_keras.data.epochs import epoch_steps
from crd_keras.data.image_cache import ImageCache
from crd_keras.data.pair_dataset import as_pair
from crd_keras.data.prefetching import prefetch
from crd_keras.data.source import Images
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.utils.image_size import ImageSize


def tf_pairs(
    domains: Sequence[Images],
    *,
    random_streams: Sequence[int],
    image_size: ImageSize,
    framing: str,
    batch_size: int,
    seed: int,
    first_epoch: int,
    augmentation: Callable | None,
    cache_mebibytes: float,
    image_augmentation: Callable | None,
) -> Any:
    """The batches of `unpaired_dataset` and `paired_dataset` by tf.data.

    Args:
        domains: The training images of each domain. All but the last are as many.
        random_streams: For each domain, which of the seed's series of random numbers
            its order, crops and flips follow from.
        image_size: As of `unpaired_dataset`, like the rest, but for
        augmentation: From the batches of the domains to others of the same kind.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If `batch_size` is not positive or larger than the larger domain.
    """
    counts = list(map(len, domains))
    steps = epoch_steps(counts, batch_size)
    tf = import_tensorflow()
    shapes = [(*enlarged_size(image_size), images.channels) for images in domains]
    rooms = cache_rooms(counts, shapes, cache_mebibytes)
    caches = list(map(ImageCache, counts, shapes, rooms))
    with tf.device("CPU:0"):
        epoch_counter = tf.Variable(first_epoch, dtype=tf.int64, trainable=False)
        records = _constants(domains)

    def next_epoch(_):
        return epoch_counter.assign_add(1) - 1

    def examples(epoch):
        orders = []
        for stream, images in zip(random_streams, domains, strict=True):
            order_seed = _epoch_seed(seed, stream, epoch)
            orders.append(_order(len(images), steps * batch_size, order_seed))
        position = tf.range(steps * batch_size, dtype=tf.int64)
        epochs = tf.repeat(epoch, steps * batch_size)
        return tf.data.Dataset.from_tensor_slices((epochs, position, *orders))

    def enlarged(domain, index):
        image = domains[domain].tensor(records[domain][index])
        return enlarge(image, image_size, framing)

    def load(epoch, position, *indices):
        images = []
        for domain, index in enumerate(indices):
            image = caches[domain].get(
                tf.cast(index, tf.int64), functools.partial(enlarged, domain, index)
            )
            image_seed = tf.random.experimental.stateless_fold_in(
                _epoch_seed(seed, random_streams[domain], epoch), position, alg="philox"
            )
            image = crop_and_flip(image, image_size, image_seed)
            if image_augmentation is not None:
                # Another than that of the crop, which its numbers must not follow.
                other_seed = tf.random.experimental.stateless_fold_in(
                    image_seed, 0, alg="philox"
                )
                image = tf.ensure_shape(
                    image_augmentation(image, other_seed), image.shape
                )
            images.append(image)
        return tuple(images)

    dataset = tf.data.Dataset.range(1).map(next_epoch).flat_map(examples)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.batch(batch_size, drop_remainder=True)
    if augmentation is not None:
        dataset = dataset.map(
            lambda *batch: tuple(
                tf.ensure_shape(images, before.shape)
                for images, before in zip(augmentation(*batch), batch, strict=True)
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
