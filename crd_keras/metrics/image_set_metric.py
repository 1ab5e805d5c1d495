"""The common interface of the metrics that compare two sets of images."""

import abc
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from crd_keras.metrics.evaluate_all import evaluate_all
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.metrics.image_metric import ImageMetric


class ImageSetStatistics(Protocol):
    """What a metric keeps of one set of images: features, sums, descriptors..."""

    def update(self, measured: np.ndarray) -> None:
        """Adds what `ImageSetMetric.measure` made of a batch."""


class ImageSetMetric(ImageMetric):
    """Distance between generated and reference images; lower is better.

    Both sets are fed in batches. The reference is fed once and kept, the
    generated images are forgotten by `reset_state()`:

    ```python
    metric.update_reference(real_images)
    for epoch in ...:
        metric.reset_state()
        metric.update_state(generated_images)
        metric.result()
    ```

    `evaluate(generated, reference)` does the same with two streams of batches.

    A subclass says what it looks at (`measure`; by default the images), what it keeps
    of that (`make_statistics`), how two of those compare (`compare`), and which
    protocol that is (`describe`). Counting and checking the images is done here.

    Args:
        name: The metric's short name in logs and tables, such as `"swd"`.
    """

    fewest_images = 2

    def __init__(self, name: str):
        super().__init__(name)
        self._image_shape: tuple[int, int, int] | None = None
        self._reference_shape: tuple[int, int, int] | None = None
        self._reference_count: int | None = 0
        # Of the subclass' own kind, which only its `compare` looks into.
        self._reference: Any = None
        self._generated_count = 0
        self._generated: Any = None
        self._results: dict[str, float] | None = None

    @abc.abstractmethod
    def make_statistics(self, reference: bool) -> ImageSetStatistics:
        """Returns the empty statistics of the reference or the generated set."""

    def measure(self, images: np.ndarray) -> np.ndarray:
        """Returns what of a batch goes to the statistics: by default the images.

        Args:
            images: float32 `(batch, height, width, channels)` in [-1, 1].
        """
        return images

    @abc.abstractmethod
    def compare(self, generated: Any, reference: Any) -> dict[str, float]:
        """Compares two sets of at least two images each.

        Args:
            generated: What `make_statistics` made for the generated set.
            reference: The same of the reference.

        Returns:
            The distance by the metric's name, then further numbers, if any.
        """

    @property
    def image_shape(self) -> tuple[int, int, int] | None:
        """`(height, width, channels)` of the images, `None` before the first."""
        return self._image_shape

    @property
    def has_reference(self) -> bool:
        """Whether the metric has reference images, or what is kept of them."""
        return self._reference is not None

    @property
    def reference_count(self) -> int | None:
        """The number of reference images so far, `None` if it is not known."""
        return self._reference_count

    @property
    def generated_count(self) -> int:
        """The number of generated images since the last `reset_state()`."""
        return self._generated_count

    def evaluate(
        self,
        generated: Iterable[np.ndarray],
        reference: Iterable[np.ndarray] | None = None,
    ) -> float:
        """Scores a stream of generated images, in place of those before.

        Both streams are iterated once and lazily; no images are kept.

        Args:
            generated: Batches `(batch, height, width, channels)` in [-1, 1].
            reference: The same of the reference images. They are looked at only if
                the metric has none yet, and are kept for the next evaluation.

        Returns:
            The distance between the two sets.

        Raises:
            ValueError: If the images are not of that form, not finite, of mixed
                sizes or less than two a set, or there is no reference.
        """
        if not self.has_reference:
            if reference is None:
                raise ValueError(
                    f"`{self.name}` needs reference images: pass `reference`, or "
                    "call `update_reference()` before. Received: reference=None"
                )
            self._take_reference(reference)
        return evaluate_all([self], generated)[self.name]

    def update_reference(self, images: np.ndarray) -> None:
        """Adds a batch of reference images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].

        Raises:
            ValueError: If the images are not of that form, not finite, or not
                of the size of the images before them.
        """
        images = checked_batch(images, self._image_shape)
        statistics = self._reference or self.make_statistics(reference=True)
        statistics.update(self.measure(images))
        self._reference = statistics
        self._reference_count = (self._reference_count or 0) + len(images)
        self._reference_shape = self._image_shape = images.shape[1:]
        self._results = None

    def update_state(
        self, images: np.ndarray, targets: np.ndarray | None = None
    ) -> None:
        """Adds a batch of generated images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].
            targets: Not looked at.

        Raises:
            ValueError: If the images are not of that form, not finite, or not
                of the size of the images before them.
        """
        images = checked_batch(images, self._image_shape)
        statistics = self._generated or self.make_statistics(reference=False)
        statistics.update(self.measure(images))
        self._generated = statistics
        self._generated_count += len(images)
        self._image_shape = images.shape[1:]
        self._results = None

    def reset_state(self) -> None:
        """Forgets the generated images and keeps the reference."""
        self._generated_count = 0
        self._generated = None
        self._image_shape = self._reference_shape
        self._results = None

    def results(self) -> dict[str, float]:
        """Returns the distance by the metric's name, then further numbers, if any.

        Raises:
            ValueError: If either set has fewer than two images.
        """
        if self._results is None:
            self._results = self.compare(*self._both_sets())
        return dict(self._results)

    def _take_reference(self, batches: Iterable[np.ndarray]) -> None:
        """All of the reference images, or none: half a reference must not stay."""
        try:
            for images in batches:
                self.update_reference(images)
        except BaseException:
            self._reference_count = 0
            self._reference = self._reference_shape = None
            self.reset_state()
            raise

    def _both_sets(self) -> tuple[Any, Any]:
        """Returns the generated and the reference set, each of two images or more."""
        for count, side, method in (
            (self._generated_count, "generated", "update_state"),
            (self._reference_count, "reference", "update_reference"),
        ):
            if count is not None and count < self.fewest_images:
                raise ValueError(
                    f"`{self.name}` needs at least {self.fewest_images} {side} images: "
                    f"add them with `{method}()` before `result()`. Received: {count}"
                )
        return self._generated, self._reference
