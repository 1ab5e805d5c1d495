"""From a source of images to the batches of a training."""

from collections.abc import Callable
from typing import Any

from crd_keras.data.paired_source import PairedSource
from crd_keras.data.pipeline_choice import choose_pipeline
from crd_keras.data.python_pipeline import ImagePairs
from crd_keras.data.source import ImageSource
from crd_keras.data.tf_pipeline import tf_pairs
from crd_keras.data.training_images import TrainingImages
from crd_keras.data.validation import check_image_size
from crd_keras.utils.framing import check_framing
from crd_keras.utils.image_size import ImageSize
from crd_keras.utils.validation import check_at_least


def unpaired_dataset(
    source: ImageSource,
    image_size: ImageSize = 256,
    batch_size: int = 1,
    seed: int = 0,
    first_epoch: int = 0,
    augmentation: Callable[[Any], Any] | None = None,
    cache_mebibytes: float = 1024,
    image_augmentation: Callable[[Any, Any], Any] | None = None,
    pipeline: str | None = None,
    framing: str = "squash",
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
        image_size: Height and width of the images in pixels, divisible by 4, or one
            number for both.
        batch_size: Images of each domain in a batch.
        seed: Another seed gives other orders, crops and flips.
        first_epoch: Number of the first pass, such as that of
            `crd_keras.callbacks.Checkpoint`, `checkpoint.first_epoch()`.
        augmentation: What else is done to the images of one domain, after crop and
            flip: a function from a batch, float32 of shape (batch_size, height, width,
            channels) in [-1, 1], to another of the same kind, such as a layer of
            keras_cv or keras. A layer draws from a state of its own, which is not
            restored when a training is resumed: `image_augmentation` has none.
        cache_mebibytes: How much memory, in MiB, resized images may take, so that they
            need not be read and resized again. At 256 pixels it is 0.23 MiB an image.
            What is seen does not depend on it; 0 keeps none.
        image_augmentation: What is done to each image after crop and flip, and before
            `augmentation`: a function from an image, float32 of shape (height, width,
            channels) in [-1, 1], and a seed, an integer tensor of shape (2,), to an
            image of the same kind, such as `crd_keras.data.image_augmentation` makes.
            The seed follows from seed, epoch and place, of each domain by
            itself.
        pipeline: What reads the images. "tf" is tf.data. "python" is Pillow and NumPy,
            which give the same orders, crops and flips; resized pixels may be one grey
            level apart. `None`: "tf" where TensorFlow is installed, else "python".
        framing: How pictures of another shape become images of this size. "squash":
            the whole picture, which loses its shape. "crop": the largest middle part of
            the images' shape. "pad": the whole picture, beside which the image is
            white.

    Returns:
        `(images_a, images_b)` batch by batch, both float32 of shape (batch_size,
        height, width, channels) in [-1, 1], with known length. From "tf" it is a
        `tf.data.Dataset`. From "python" it is a `keras.utils.PyDataset` of NumPy
        arrays, whose `workers` and `use_multiprocessing` may be set; functions that
        augment get NumPy arrays, and `fit` must not have `steps_per_epoch`.
        Of a source with `taught` images it is `(images_a, (taught_a, images_b))`: the
        teacher's images come with theirs, cropped and flipped alike.

    Raises:
        ImportError: If `pipeline` is "tf" and TensorFlow is not installed.
        ValueError: If `image_size` is not positive and divisible by 4, `batch_size` is
            not positive or larger than the larger domain, `seed`, `first_epoch` or
            `cache_mebibytes` is negative, there is no such `pipeline` or `framing`, or
            it is "python" and the images can be loaded by TensorFlow only.
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
        pipeline=pipeline,
        framing=framing,
    )


def paired_dataset(
    source: PairedSource,
    image_size: ImageSize = 256,
    batch_size: int = 4,
    seed: int = 0,
    first_epoch: int = 0,
    augmentation: Callable[[Any, Any], tuple[Any, Any]] | None = None,
    cache_mebibytes: float = 1024,
    image_augmentation: Callable[[Any, Any], Any] | None = None,
    pipeline: str | None = None,
    framing: str = "squash",
) -> Any:
    """Training batches of pairs of images, for `fit` on every backend.

    As `unpaired_dataset`, but image i of one domain comes with image i of the other,
    and both are cropped at the same place and flipped or not flipped together. One
    pass is one epoch: each pair once, with what does not fill a batch left out.

    Args:
        source: The pairs; trainA and trainB are used.
        image_size: See `unpaired_dataset`.
        batch_size: Pairs in a batch.
        seed: Another seed gives other orders, crops and flips.
        first_epoch: Number of the first pass, such as that of
            `crd_keras.callbacks.Checkpoint`, `checkpoint.first_epoch()`.
        augmentation: What else is done after crop and flip: a function from the batches
            of both domains, float32 of shape (batch_size, height, width, channels) in
            [-1, 1], to two of the same kind. It has to move pixels in both alike. A
            teacher's images, if there are any, come between the two.
        cache_mebibytes: See `unpaired_dataset`.
        image_augmentation: See `unpaired_dataset`. Both images of a pair get the same
            seed, hence the same change, of places and colours alike: what is right
            for photographs, but not where a colour stands for a class.
        pipeline: See `unpaired_dataset`.
        framing: See `unpaired_dataset`.

    Returns:
        As `unpaired_dataset`.

    Raises:
        ImportError: As `unpaired_dataset`.
        ValueError: If `source` is no `PairedSource`, and as `unpaired_dataset`.
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
        pipeline=pipeline,
        framing=framing,
    )


def _dataset(
    source: ImageSource,
    *,
    random_streams: tuple[int, int],
    image_size: ImageSize,
    framing: str,
    pipeline: str | None,
    **arguments: Any,
) -> Any:
    """The batches of `unpaired_dataset` and `paired_dataset`."""
    check_image_size(image_size)
    check_framing(framing)
    check_at_least(
        0, **{x: arguments[x] for x in ("seed", "first_epoch", "cache_mebibytes")}
    )
    make = tf_pairs if choose_pipeline(pipeline) == "tf" else ImagePairs
    domains = [source.split("trainA"), source.split("trainB")]
    streams = list(random_streams)
    if source.taught is not None:
        domains.insert(1, source.taught)
        # The random numbers of the images that they were made of.
        streams.insert(1, streams[0])
    return make(
        TrainingImages(
            domains,
            random_streams=streams,
            image_size=image_size,
            framing=framing,
            **arguments,
        )
    )
