"""Running a generator over many images."""

from collections.abc import Iterable, Iterator

import keras
import numpy as np
from tqdm import tqdm

from crd_keras import backend
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.metrics.image_metric import ImageMetric

_BATCH_SIZE = 32


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
