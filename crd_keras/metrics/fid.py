"""The Fréchet Inception distance."""

import os
import pathlib
import warnings

import numpy as np

from crd_keras.metrics.feature_set_metric import FeatureSetMetric
from crd_keras.metrics.features import FeatureExtractor
from crd_keras.metrics.frechet import FeatureStatistics, frechet_distance
from crd_keras.metrics.statistics_file import (
    SavedStatistics,
    load_statistics,
    save_statistics,
)


class FrechetInceptionDistance(FeatureSetMetric):
    """Fréchet distance of two sets of images in an Inception's features; 0 is best.

    After "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium" (arXiv:1706.08500). A Gaussian is fitted to the features of each set;
    see `frechet_distance`. With the default features it is the number that pytorch-fid
    gives for the same images.

    Only sums are kept, in float64, `8 * features.size ** 2` bytes a set (32 MiB for
    Inception's 2048), however many images there are.

    FID depends on the number of images: with fewer, it is greater. Compare results
    only at equal numbers. With no more images than features the covariance is
    singular, and the result finite but far too great, of which `result()` warns.
    `KernelInceptionDistance` has no such bias.

    Args:
        features: What turns images into features, or `None` for `InceptionFeatures()`:
            pytorch-fid's network and weights.
        name: The metric's short name in logs and tables.

    Raises:
        ConnectionError: If `features` is `None` and the weights cannot be fetched.

    Example:

    ```python
    metric = FrechetInceptionDistance()
    metric.update_reference(zebras)  # (batch, height, width, channels), [-1, 1]
    metric.save_reference("zebras.npz")  # pytorch-fid reads it, too
    metric.update_state(generated)
    metric.result()
    ```
    """

    def __init__(self, features: FeatureExtractor | None = None, name: str = "fid"):
        super().__init__(features, name)
        self._loaded_from: str | None = None

    def make_statistics(self, reference: bool) -> FeatureStatistics:
        return FeatureStatistics(self.features.size)

    def compare(
        self,
        generated: FeatureStatistics,
        reference: FeatureStatistics | SavedStatistics,
    ) -> dict[str, float]:
        self._warn_of_small_sets()
        distance = frechet_distance(
            generated.mean,
            generated.covariance,
            reference.mean,
            reference.covariance,
        )
        return {self.name: distance}

    def update_reference(self, images: np.ndarray) -> None:
        if self._loaded_from is not None:
            raise ValueError(
                f"`{self.name}` has its reference from {self._loaded_from}, to which "
                "no images can be added: make a new metric. Received: "
                f"images of shape {np.shape(images)}"
            )
        super().update_reference(images)

    def save_reference(self, path: str | os.PathLike) -> None:
        """Writes what is kept of the reference images, for pytorch-fid and for us.

        Args:
            path: A file that ends in `.npz`, in a folder that exists. It holds `mu`
                `(size,)` and `sigma` `(size, size)` in float64, as pytorch-fid writes
                them, and, which that ignores, the number of images as `count` and the
                features as `protocol`.

        Raises:
            ValueError: If there are fewer than two reference images, or `path` ends in
                something else.
            OSError: If the folder cannot be written to.
        """
        if not self.has_reference or self._reference.count == 1:
            raise ValueError(
                f"`{self.name}` needs at least 2 reference images to save: add them "
                f"with `update_reference()`. Received: {self.reference_count}"
            )
        statistics = SavedStatistics(
            self._reference.mean,
            self._reference.covariance,
            self._reference.count,
            self.features.label,
        )
        save_statistics(path, statistics)

    def load_reference(self, path: str | os.PathLike) -> None:
        """Takes the reference from a file, in place of any images before.

        Args:
            path: A file that `save_reference` or pytorch-fid (`--save-stats`) wrote.
                The latter does not say how many images it stands for, nor which
                features: `reference_count` is then `None`.

        Raises:
            ValueError: If it is no such file, or one of other features.
        """
        statistics = load_statistics(path, self.features.size)
        if statistics.protocol not in (None, self.features.label):
            raise ValueError(
                f"`path` must hold statistics of the features '{self.features.label}'. "
                f"Received: {path} of '{statistics.protocol}'"
            )
        self._reference = statistics
        self._reference_count = statistics.count
        self._reference_shape = None
        self._loaded_from = pathlib.Path(path).name
        self.reset_state()

    def describe(self) -> str:
        source = f" (from {self._loaded_from})" if self._loaded_from else ""
        return f"FID: {self.features.label}, {self.describe_sets()}{source}"

    def _warn_of_small_sets(self) -> None:
        counts = {"generated": self.generated_count, "reference": self.reference_count}
        small = [
            f"{count} {side}"
            for side, count in counts.items()
            if count is not None and count <= self.features.size
        ]
        if small:
            warnings.warn(
                f"`{self.name}` of {' and '.join(small)} images, no more than the "
                f"{self.features.size} features, is biased upwards: compare it "
                "only with results of as many images, or take KID.",
                stacklevel=2,
            )
