"""Running a generator over many images."""

from collections.abc import Callable, Iterable, Iterator

import keras
import numpy as np
from tqdm import tqdm

from crd_keras import backend
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.utils.validation import check_at_least

_BATCH_SIZE = 32

_LARGEST_MULTIPLE = 2**12
# Times a multiple it is a size, which is divisible by nothing more that matters.
_PROBE = 5


def translate(
    model: keras.Model, images: np.ndarray, batch_size: int = 8
) -> np.ndarray:
    """Translates images.

    Args:
        model: A generator.
        images: `(count, height, width, channels)` in [-1, 1].
        batch_size: How many images go through the model at a time.

    Returns:
        The translated images, as `images`, float32.

    Raises:
        ValueError: If the images are not of that form, or not in [-1, 1].
    """
    model.jit_compile = backend.default_jit_compile()
    # On TensorFlow, `predict` would first set up a pipeline, which takes longer than a
    # small generator.
    batches = image_batches(checked_batch(images, None), batch_size)
    # Of several devices each gives the whole batch.
    translated = np.concatenate(
        [model.predict_on_batch(batch)[: len(batch)] for batch in batches]
    )
    return translated.astype("float32", copy=False)


def translate_any_size(
    model: keras.Model,
    images: np.ndarray,
    multiple: int = 4,
    minimum: int = 8,
    batch_size: int = 8,
) -> np.ndarray:
    """Translates images of any size.

    They are extended at the bottom and at the right by their mirror image, and the
    translation is cropped back. Sizes that fit already go through as they are: the
    result is that of `translate`.

    Args:
        model: A generator, channels last, whose images come out as large as they go
            in.
        images: `(count, height, width, channels)` in [-1, 1].
        multiple: Height and width that the generator takes are divisible by this: 4
            for the ResNet generators, 2 to the number of levels for a U-Net; see
            `find_multiple`.
        minimum: Height and width of the smallest image that it takes: 8 for the
            ResNet generators.
        batch_size: How many images go through the model at a time.

    Returns:
        The translated images, `(count, height, width, channels)`, float32, with the
        channels that the generator gives.

    Raises:
        ValueError: If `multiple` or `minimum` is below 1, the images are none, the
            model has been built for another size, or its images come out in another.
    """

    def translate_padded(padded):
        check_fixed_size(model.input_shape[1:3], images.shape[1:3], padded.shape[1:3])
        return translate(model, padded, batch_size)

    return through_multiples(translate_padded, images, multiple, minimum)


def through_multiples(
    function: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    multiple: int = 4,
    minimum: int = 8,
) -> np.ndarray:
    """Translates images of any size by a function of sizes that a number divides.

    See `translate_any_size`.

    Args:
        function: Takes a batch of padded images and gives others of the same size.
        images: `(count, height, width, channels)`.
        multiple: As of `translate_any_size`.
        minimum: As there.

    Returns:
        What the function gives, cropped to the images' size.

    Raises:
        ValueError: If `multiple` or `minimum` is below 1, the images are none, or they
            come out in another size.
    """
    check_at_least(1, multiple=multiple, minimum=minimum)
    if images.ndim != 4 or 0 in images.shape:
        raise ValueError(
            "`images` must have the shape (count, height, width, channels) and none "
            f"of these be 0. Received: {images.shape}"
        )
    size = images.shape[1:3]
    padded = tuple(
        max(-(-s // multiple), -(-minimum // multiple)) * multiple for s in size
    )
    # Where the image is smaller than its border, NumPy mirrors it more than once.
    border = [(0, p - s) for p, s in zip(padded, size, strict=True)]
    if padded != size:  # A copy of a large picture takes memory.
        images = np.pad(images, [(0, 0), *border, (0, 0)], mode="reflect")
    translated = function(images)
    if translated.shape[1:3] != padded:
        raise ValueError(
            "`multiple` must be such that the model's images come out as large as they "
            f"go in; {_text(padded)} became {_text(translated.shape[1:3])}. "
            f"Received: {multiple}"
        )
    return translated[:, : size[0], : size[1]]


def find_multiple(model: keras.Model) -> int:
    """What height and width must be divisible by for a generator.

    Nothing is computed but shapes.

    Args:
        model: A generator, channels last.

    Returns:
        The smallest power of 2 such that images come out as large as they go in. 1
        where the model has been built for one size.

    Raises:
        ValueError: If there is none.
    """
    multiple = 1
    while not fits_multiple(model, multiple):
        multiple *= 2
        if multiple > _LARGEST_MULTIPLE:
            raise ValueError(
                "`model` must give images as large as it takes, at some size. "
                f"Received: {model.name}, which does at no multiple of a power of 2"
            )
    return multiple


def fits_multiple(model: keras.Model, multiple: int) -> bool:
    """Whether images whose sides are divisible by this come out as they go in.

    See `find_multiple`.
    """
    if None not in model.input_shape[1:3]:
        return True
    shape = (1, *[_PROBE * multiple] * 2, model.input_shape[-1])
    try:
        translated = model.compute_output_spec(keras.KerasTensor(shape))
    except ValueError:
        # Of a layer that does not take the size.
        return False
    return tuple(translated.shape[:-1]) == shape[:-1]


def check_fixed_size(
    fixed: tuple[int | None, ...], size: tuple[int, ...], padded: tuple[int, ...]
) -> None:
    """Raises a `ValueError` if a model does not take the padded images.

    Args:
        fixed: Height and width that the model takes, `None` for any.
        size: Those of the images.
        padded: Those of the padded images.
    """
    if any(f not in (None, p) for f, p in zip(fixed, padded, strict=True)):
        raise ValueError(
            f"`images` must fit the only size that the model takes, {_text(fixed)}. "
            f"Received: {_text(size)}, padded to {_text(padded)}"
        )


def _text(size):
    return "x".join("any" if s is None else str(s) for s in size)


def image_batches(
    images: np.ndarray | Iterable, batch_size: int = _BATCH_SIZE
) -> Iterator[np.ndarray]:
    """NumPy batches of images.

    Args:
        images: An array `(count, height, width, channels)`, which is cut into batches,
            or an iterable of batches, such as a `tf.data.Dataset`.
        batch_size: Size of the batches that an array is cut into.
    """
    if isinstance(images, np.ndarray):
        for start in range(0, len(images), batch_size):
            yield images[start : start + batch_size]
    else:
        for batch in images:
            yield np.asarray(batch)


def evaluate_translation(
    generator: keras.Model,
    images: np.ndarray | Iterable,
    reference: np.ndarray | Iterable,
    metric: ImageMetric,
    description: str = "Evaluating",
) -> float:
    """Scores what a generator makes of images.

    Images are taken in batches and not kept. A progress bar shows if it takes long.

    Args:
        generator: A generator.
        images: Source images in [-1, 1] as for `image_batches`.
        reference: The images to compare with, in the same form: the target domain's,
            or for a paired metric the target of each source image.
        metric: The metric. Its state is reset; reference images that it has already
            been given are kept.
        description: What the progress bar says.

    Returns:
        The metric.

    Raises:
        ValueError: If the images are not of that form, or not in [-1, 1].
    """
    batches = tqdm(
        image_batches(images),
        desc=description,
        total=_batch_count(images),
        unit="batch",
        delay=2,  # seconds without a progress bar
        leave=False,
        disable=None,  # where the output is no terminal
    )
    translated = (translate(generator, batch) for batch in batches)
    return metric.evaluate(translated, image_batches(reference))


def _batch_count(images):
    if isinstance(images, np.ndarray):
        return -(-len(images) // _BATCH_SIZE)
    return len(images) if hasattr(images, "__len__") else None
