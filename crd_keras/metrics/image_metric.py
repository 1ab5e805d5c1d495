"""The one interface of all metrics, which callbacks and tools use."""

import abc
import math
from collections.abc import Iterable

import numpy as np


class ImageMetric(abc.ABC):
    """Scores generated images against reference images.

    ```python
    metric = get_metric("kid")
    score = metric.evaluate(generated_batches, reference_batches)
    metric.results()  # {"kid": ..., "kid_std": ...}
    metric.describe()  # which features, how many images, which seed
    ```

    Two kinds exist. An `ImageSetMetric` (FID, KID, sliced Wasserstein) compares two
    sets of images, of which the reference is looked at once and then kept as
    statistics. A `PairedMetric` (PSNR, SSIM, ...) compares each generated image with
    its own target. Batches can be fed to either with `update_state(images, targets)`;
    the former does not look at the targets.

    Args:
        name: The metric's short name in logs and tables, such as `"fid"`.

    Attributes:
        higher_is_better: The direction: whether a greater `result()` is the better.
        fewest_images: How many images it takes for a score, of either set.
    """

    higher_is_better: bool = False
    fewest_images: int = 1

    def __init__(self, name: str):
        self.name = name

    @abc.abstractmethod
    def evaluate(
        self,
        generated: Iterable[np.ndarray],
        reference: Iterable[np.ndarray] | None = None,
    ) -> float:
        """Scores a stream of generated images, in place of those before.

        Both streams are iterated once and lazily; no images are kept.

        Args:
            generated: Batches `(batch, height, width, channels)` in [-1, 1].
            reference: The same of the images to compare with; `None` if the metric
                has its reference already.

        Returns:
            `result()`.

        Raises:
            ValueError: If the images cannot be scored: of another form, not finite,
                of mixed sizes, too few.
        """

    @abc.abstractmethod
    def update_state(
        self, images: np.ndarray, targets: np.ndarray | None = None
    ) -> None:
        """Adds a batch of generated images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].
            targets: What they should be, of the same shape: needed by a metric of
                pairs, ignored by a metric of sets.

        Raises:
            ValueError: If the images cannot be scored; see `evaluate`.
        """

    @abc.abstractmethod
    def results(self) -> dict[str, float]:
        """Returns all numbers: the result by the metric's name, then further ones.

        Raises:
            ValueError: If there are too few images.
        """

    @abc.abstractmethod
    def reset_state(self) -> None:
        """Forgets the generated images."""

    @abc.abstractmethod
    def describe(self) -> str:
        """Returns the protocol in one line: what is compared, and how many images."""

    def check_image_size(self, height: int, width: int) -> None:
        """Raises a `ValueError` if images of this size cannot be scored."""

    def result(self) -> float:
        """Returns the score.

        Raises:
            ValueError: If there are too few images.
        """
        return self.results()[self.name]

    def is_better(self, score: float, than: float) -> bool:
        """Whether one score beats another in the metric's direction.

        A score that is not a number beats nothing and is beaten by any number, so a
        history may begin with `nan`.
        """
        if math.isnan(score) or math.isnan(than):
            return math.isnan(than) and not math.isnan(score)
        return score > than if self.higher_is_better else score < than
