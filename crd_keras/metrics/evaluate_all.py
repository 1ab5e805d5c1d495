"""Several metrics of the same images, each image looked at once."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from crd_keras.metrics.image_metric import ImageMetric


def evaluate_all(
    metrics: Sequence[ImageMetric],
    generated: Iterable[np.ndarray],
    targets: Iterable[np.ndarray] | None = None,
) -> dict[str, float]:
    """Scores a stream of generated images with several metrics.

    The streams are iterated once, lazily and side by side; no images are kept.

    Args:
        metrics: The metrics. Those that compare sets of images have their reference
            images already (`update_reference`, `load_reference`).
        generated: Batches `(batch, height, width, channels)` in [-1, 1].
        targets: What the generated images should be, in batches of the same sizes;
            for metrics of pairs, the others need none.

    Returns:
        The `results()` of all metrics.

    Raises:
        ValueError: If the images cannot be scored: of another form, not finite, of
            mixed sizes, too few, of other shapes or numbers than the targets.
    """
    for metric in metrics:
        metric.reset_state()
    for images, their_targets in _side_by_side(generated, targets):
        for metric in metrics:
            metric.update_state(images, their_targets)
    results: dict[str, float] = {}
    for metric in metrics:
        results |= metric.results()
    return results


def _side_by_side(generated, targets):
    if targets is None:
        yield from ((images, None) for images in generated)
        return
    count = 0
    for images, their_targets in itertools.zip_longest(generated, targets):
        if images is None or their_targets is None:
            ended = "generated" if images is None else "targets"
            raise ValueError(
                "`generated` and `targets` must have as many batches. Received: "
                f"`{ended}` ended first, after {count} images"
            )
        count += len(images)
        yield images, their_targets
