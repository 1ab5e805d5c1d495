"""The common interface of the metrics that compare images with their targets."""

import abc
from collections.abc import Iterable

import numpy as np

from crd_keras.metrics.evaluate_all import evaluate_all
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.utils.images import to_uint8


class PairedMetric(ImageMetric):
    """Scores each generated image against its own target; the result is the mean.

    Both are rounded to uint8 before they are compared: the score is that of the images
    as they are saved. `results()` also has the standard deviation over the images, as
    `<name>_std`.

    ```python
    metric.update_state(generated_images, targets)
    metric.result()
    ```

    A subclass says how images compare (`scores`), and in words (`measure_in_words`).

    Args:
        name: The metric's short name in logs and tables, such as `"psnr"`.
    """

    def __init__(self, name: str):
        super().__init__(name)
        self._scores: list[float] = []
        self._image_shape: tuple[int, int, int] | None = None

    @abc.abstractmethod
    def scores(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Returns one score for each image, `(batch,)`.

        Args:
            images: uint8 `(batch, height, width, channels)`, generated.
            targets: uint8, of the same shape.
        """

    @abc.abstractmethod
    def measure_in_words(self) -> str:
        """Returns what is measured, to begin `describe()` with."""

    def evaluate(
        self,
        generated: Iterable[np.ndarray],
        reference: Iterable[np.ndarray] | None = None,
    ) -> float:
        """Scores a stream of generated images, in place of those before.

        Both streams are iterated once, lazily and side by side; no images are kept.

        Args:
            generated: Batches `(batch, height, width, channels)` in [-1, 1].
            reference: Their targets, in batches of the same sizes.

        Returns:
            The mean over the images.

        Raises:
            ValueError: If the images are not of that form, not finite, of mixed sizes
                or none at all, or if the streams differ in length or shapes.
        """
        if reference is None:
            raise ValueError(
                f"`{self.name}` compares each image with its target: pass "
                "`reference`. Received: reference=None"
            )
        return evaluate_all([self], generated, reference)[self.name]

    def update_state(
        self, images: np.ndarray, targets: np.ndarray | None = None
    ) -> None:
        """Adds a batch of generated images and their targets.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].
            targets: Of the same shape.

        Raises:
            ValueError: If `targets` is missing, or the images are not of that form,
                not finite, of different shapes, or not of the size of the images
                before them.
        """
        if targets is None:
            raise ValueError(
                f"`{self.name}` compares each image with its target: pass "
                "`targets`. Received: targets=None"
            )
        images = checked_batch(images, self._image_shape)
        targets = checked_batch(targets, self._image_shape, "targets")
        if images.shape != targets.shape:
            raise ValueError(
                "`images` and `targets` must have the same shape. "
                f"Received: {images.shape} and {targets.shape}"
            )
        scores = self.scores(to_uint8(images), to_uint8(targets))
        self._scores.extend(float(score) for score in scores)
        self._image_shape = images.shape[1:]

    def results(self) -> dict[str, float]:
        """Returns the mean over the images, and their standard deviation.

        Raises:
            ValueError: If there are no images.
        """
        if not self._scores:
            raise ValueError(
                f"`{self.name}` needs at least one image: add it with "
                "`update_state()` before `result()`. Received: 0"
            )
        return {
            self.name: float(np.mean(self._scores)),
            f"{self.name}_std": float(np.std(self._scores)),
        }

    def reset_state(self) -> None:
        self._scores = []
        self._image_shape = None

    def describe(self) -> str:
        size = ""
        if self._image_shape is not None:
            height, width, _ = self._image_shape
            size = f" of {height}x{width} pixels"
        return (
            f"{self.measure_in_words()}, images rounded to uint8, mean over "
            f"{len(self._scores)} pairs{size}"
        )
