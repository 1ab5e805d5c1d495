"""Running a generator over many images."""

from collections.abc import Iterable, Iterator

import keras
import numpy as np

from crd_keras import backend
from crd_keras.metrics.image_set_metric import ImageSetMetric


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
    """
    model.jit_compile = backend.default_jit_compile()
    return model.predict(images, batch_size=batch_size, verbose=0)


def image_batches(
    images: np.ndarray | Iterable, batch_size: int = 32
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
    generator: keras.Model, images: np.ndarray | Iterable, metric: ImageSetMetric
) -> float:
    """Scores what a generator makes of images against the metric's reference images.

    Images are taken in batches and not kept.

    Args:
        generator: A generator.
        images: Source images in [-1, 1] as for `image_batches`.
        metric: A metric that has its reference images. Its state is reset.

    Returns:
        The metric, lower is better.
    """
    metric.reset_state()
    for batch in image_batches(images):
        metric.update_state(translate(generator, batch))
    return metric.result()
