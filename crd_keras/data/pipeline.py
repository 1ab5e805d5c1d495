"""From a source of images to the batches of a training."""

import functools
from collections.abc import Callable
from typing import Any

from crd_keras.data.augmentation import crop_and_flip, enlarge, enlarged_size
from crd_keras.data.epochs import epoch_steps
from crd_keras.data.image_cache import ImageCache
from crd_keras.data.paired_source import PairedSource
from crd_keras.data.source import Images, ImageSource
from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.data.validation import check_image_size
from crd_keras.utils.validation import check_at_least


def unpaired_dataset(
    source: ImageSource,
    image_size: int = 256,
    batch_size: int = 1,
    seed: int = 0,
    first_epoch: int = 0,
    augmentation: Callable[[Any], Any] | None = None,
    cache_mebibytes: float = 1024,
    image_augmentation: Callable[[Any, Any], Any] | None = None,
) -> Any:
    """Training batches of two unpaired domains, for `fit` on every backend.

    One pass is one epoch: each image of the larger domain once, with what does not
    fill a batch left out, beside the images of the smaller domain, which is gone
    through as often as needed, each time in a new order.

    Every order, crop and flip follows from the seed, the epoch and the place in it.
    The first pass is epoch `first_epoch`, each later pass is the next epoch: a
    training resumed at epoch k sees what an uninterrupted one sees from there on. A
    pass counts also when it is left early. (Keras leaves one early, on JAX and torch,
    to build a model that was compiled with `loss` or `metrics`; `CRDTrainer` is not.)

    Args:
        source: The images; trainA and trainB are used.
        image_size: Height and width of the images in pixels, divisible by 4.
        batch_size: Images of each domain in a batch.
        seed: Another seed gives other orders, crops and flips.
        first_epoch: Number of the first pass, such as that of
            `crd_keras.callbacks.Checkpoint`, `checkpoint.first_epoch()`.
        augmentation: What else is done to the images of one domain, after crop and
            flip: a function from a batch, float32 of shape (batch_size, image_size,
            image_size, 3) in [-1, 1], to another of the same kind, such as a layer of
            keras_cv or keras. A layer draws from a state of its own, which is not
            restored when a training is resumed: `image_augmentation` has none.
        cache_mebibytes: How much memory, in MiB, resized images may take, so that they
            need not be read and resized again. At 256 pixels it is 0.23 MiB an image.
            What is seen does not depend on it; 0 keeps none.
        image_augmentation: What is done to each image after crop and flip, and before
            `augmentation`: a function from an image, float32 of shape (image_size,
            image_size, 3) in [-1, 1], and a seed, an integer tensor of shape (2,), to
            an image of the same kind, such as `crd_keras.data.image_augmentation`
            makes. The seed follows from seed, epoch and place, of each domain by
            itself.

    Returns:
        A `tf.data.Dataset` of `(images_a, images_b)`, both float32 of shape
        (batch_size, image_size, image_size, 3) in [-1, 1], with known length.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If `image_size` is not positive and divisible by 4, `batch_size` is
            not positive or larger than the larger domain, or `seed`, `first_epoch`
            or `cache_mebibytes` is negative.
    """

    def augment_each(*batch):
        # Called only where there is one.
        return [augmentation(images) for images in batch]  # type: ignore[misc]

    return _dataset(
        source,
        random_streams=(0, 1),
        image_size=image_size,
        batch_size=batch_size,
        seed=seed,
        first_epoch=first_epoch,
        augmentation=None if augmentation is None else augment_each,
        cache_mebibytes=cache_mebibytes,
        image_augmentation=image_augmentation,
    )


def paired_dataset(
    source: PairedSource,
    image_size: int = 256,
    batch_size: int = 4,
    seed: int = 0,
    first_epoch: int = 0,
    augmentation: Callable[[Any, Any], tuple[Any, Any]] | None = None,
    cache_mebibytes: float = 1024,
    image_augmentation: Callable[[Any, Any], Any] | None = None,
) -> Any:
    """Training batches of pairs of images, for `fit` on every backend.

    As `unpaired_dataset`, but image i of one domain comes with image i of the other,
    and both are cropped at the same place and flipped or not flipped together. One
    pass is one epoch: each pair once, with what does not fill a batch left out.

    Args:
        source: The pairs; trainA and trainB are used.
        image_size: Height and width of the images in pixels, divisible by 4.
        batch_size: Pairs in a batch.
        seed: Another seed gives other orders, crops and flips.
        first_epoch: Number of the first pass, such as that of
            `crd_keras.callbacks.Checkpoint`, `checkpoint.first_epoch()`.
        augmentation: What else is done after crop and flip: a function from the batches
            of both domains, float32 of shape (batch_size, image_size, image_size, 3) in
            [-1, 1], to two of the same kind. It has to move pixels in both alike.
        cache_mebibytes: See `unpaired_dataset`.
        image_augmentation: See `unpaired_dataset`. Both images of a pair get the same
            seed, hence the same change, of places and colours alike: what is right
            for photographs, but not where a colour stands for a class.

    Returns:
        A `tf.data.Dataset` of `(images_a, images_b)`, both float32 of shape
        (batch_size, image_size, image_size, 3) in [-1, 1], with known length.

    Raises:
        ImportError: If TensorFlow is not installed.
        ValueError: If `source` is no `PairedSource`, `image_size` is not positive and
            divisible by 4, `batch_size` is not positive or larger than the number of
            pairs, or `seed`, `first_epoch` or `cache_mebibytes` is negative.
    """
    if not isinstance(source, PairedSource):
        raise ValueError(
            "`source` must be a PairedSource; for images that are no pairs there is "
            f"`unpaired_dataset`. Received: {type(source).__name__} of "
            f"{getattr(source, 'label', source)}"
        )
    return _dataset(
        source,
        # The same random numbers: the same order, crops and flips.
        random_streams=(0, 0),
        image_size=image_size,
        batch_size=batch_size,
        seed=seed,
        first_epoch=first_epoch,
        augmentation=augmentation,
        cache_mebibytes=cache_mebibytes,
        image_augmentation=image_augmentation,
    )


def _dataset(
    source: ImageSource,
    *,
    random_streams: tuple[int, int],
    image_size: int,
    batch_size: int,
    seed: int,
    first_epoch: int,
    augmentation: Callable | None,
    cache_mebibytes: float,
    image_augmentation: Callable | None,
) -> Any:
    """The batches of `unpaired_dataset` and `paired_dataset`.

    Args:
        source: The images.
        random_streams: For each domain, which of the seed's series of random numbers
            its order, crops and flips follow from.
        image_size: As there, like the rest, but for
        augmentation: From the batches of both domains to two of the same kind.
    """
    domains = source.split("trainA"), source.split("trainB")
    check_image_size(image_size)
    steps = epoch_steps(list(map(len, domains)), batch_size)
    check_at_least(
        0, seed=seed, first_epoch=first_epoch, cache_mebibytes=cache_mebibytes
    )

    tf = import_tensorflow()
    size = enlarged_size(image_size)
    count = sum(map(len, domains))
    cache = ImageCache(count, (size, size, 3), cache_mebibytes)
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
        image = domains[domain].load(records[domain][index])
        return enlarge(image, image_size)

    def load(epoch, position, *indices):
        images = []
        for domain, index in enumerate(indices):
            image = cache.get(
                tf.cast(index, tf.int64) + domain * len(domains[0]),
                functools.partial(enlarged, domain, index),
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
                    image_augmentation(image, other_seed), (image_size, image_size, 3)
                )
            images.append(image)
        return tuple(images)

    dataset = tf.data.Dataset.range(1).map(next_epoch).flat_map(examples)
    dataset = dataset.map(load, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.batch(batch_size, drop_remainder=True)
    if augmentation is not None:
        shape = (batch_size, image_size, image_size, 3)
        dataset = dataset.map(
            lambda *batch: tuple(
                tf.ensure_shape(images, shape) for images in augmentation(*batch)
            )
        )
    # So that Keras knows the number of steps from the first epoch on.
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.prefetch(tf.data.AUTOTUNE)


def _constants(domains: tuple[Images, Images]) -> list[Any]:
    """The records of each domain as tensors."""
    tf = import_tensorflow()
    source, target = (images.records for images in domains)
    # Two halves of the same pictures need not be in memory twice.
    first = tf.constant(source)
    return [first, first if target is source else tf.constant(target)]


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
