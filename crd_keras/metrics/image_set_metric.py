"""The common interface of the metrics that compare two sets of images."""

import abc
from typing import Protocol

import numpy as np

# Interpolation may overshoot [-1, 1] a little; images in 0-255 overshoot it a lot.
_LARGEST_VALUE = 1.5


class ImageSetStatistics(Protocol):
    """What a metric keeps of one set of images: features, sums, descriptors..."""

    def update(self, images: np.ndarray) -> None:
        """Adds float32 images `(batch, height, width, channels)` in [-1, 1]."""


class ImageSetMetric(abc.ABC):
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

    A subclass says what it keeps of a set (`make_statistics`), how two of those
    compare (`distance`), and which protocol that is (`describe`). Counting and
    checking the images is done here.

    Args:
        name: The metric's short name in logs and tables, such as `"swd"`.
    """

    def __init__(self, name: str):
        self.name = name
        self._image_shape = None
        self._reference_count = 0
        self._reference = None
        self._generated_count = 0
        self._generated = None

    @abc.abstractmethod
    def make_statistics(self, reference: bool) -> ImageSetStatistics:
        """Returns the empty statistics of the reference or the generated set."""

    @abc.abstractmethod
    def distance(
        self, generated: ImageSetStatistics, reference: ImageSetStatistics
    ) -> float:
        """Returns the distance of two sets of at least two images each."""

    @abc.abstractmethod
    def describe(self) -> str:
        """Returns the protocol in one line, for reports and tables."""

    @property
    def image_shape(self) -> tuple[int, int, int] | None:
        """`(height, width, channels)` of the images, `None` before the first."""
        return self._image_shape

    @property
    def reference_count(self) -> int:
        """The number of reference images so far."""
        return self._reference_count

    @property
    def generated_count(self) -> int:
        """The number of generated images since the last `reset_state()`."""
        return self._generated_count

    def update_reference(self, images: np.ndarray) -> None:
        """Adds a batch of reference images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].

        Raises:
            ValueError: If the images are not of that form, not finite, or not
                of the size of the images before them.
        """
        images = self._checked(images)
        if self._reference is None:
            self._reference = self.make_statistics(reference=True)
        self._reference.update(images)
        self._reference_count += len(images)

    def update_state(self, images: np.ndarray) -> None:
        """Adds a batch of generated images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].

        Raises:
            ValueError: If the images are not of that form, not finite, or not
                of the size of the images before them.
        """
        images = self._checked(images)
        if self._generated is None:
            self._generated = self.make_statistics(reference=False)
        self._generated.update(images)
        self._generated_count += len(images)

    def reset_state(self) -> None:
        """Forgets the generated images and keeps the reference."""
        self._generated_count = 0
        self._generated = None
        if not self._reference_count:
            self._image_shape = None

    def result(self) -> float:
        """Returns the distance between the two sets.

        Raises:
            ValueError: If either set has fewer than two images.
        """
        return float(self.distance(*self._both_sets()))

    def _both_sets(self) -> tuple[ImageSetStatistics, ImageSetStatistics]:
        """Returns the generated and the reference set, each of two images or more."""
        for count, side, method in (
            (self._generated_count, "generated", "update_state"),
            (self._reference_count, "reference", "update_reference"),
        ):
            if count < 2:
                raise ValueError(
                    f"`{self.name}` needs at least 2 {side} images: add them with "
                    f"`{method}()` before `result()`. Received: {count}"
                )
        return self._generated, self._reference

    def _checked(self, images: np.ndarray) -> np.ndarray:
        """Returns the images as float32, or says what is wrong with them."""
        images = np.asarray(images, dtype="float32")
        if images.ndim != 4 or 0 in images.shape:
            raise ValueError(
                "`images` must be a batch of at least one image of shape "
                f"(batch, height, width, channels). Received: shape {images.shape}"
            )
        shape = images.shape[1:]
        if self._image_shape is not None and shape != self._image_shape:
            raise ValueError(
                "`images` must have the height, width and channels of the images "
                f"before them, {self._image_shape}. Received: {shape}"
            )
        if not np.isfinite(images).all():
            count = int((~np.isfinite(images)).sum())
            raise ValueError(
                f"`images` must be finite. Received: {count} values that are not"
            )
        if np.abs(images).max() > _LARGEST_VALUE:
            raise ValueError(
                "`images` must have values in [-1, 1] (divide 0-255 by 127.5 and "
                f"subtract 1). Received: {images.min():g} to {images.max():g}"
            )
        self._image_shape = shape
        return images
