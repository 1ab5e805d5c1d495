"""The sliced Wasserstein distance between the patches of two sets of images."""

import numpy as np

from crd_keras.metrics.image_set_metric import ImageSetMetric
from crd_keras.metrics.laplacian_pyramid import pyramid_sizes
from crd_keras.metrics.patch_descriptors import PatchDescriptors
from crd_keras.utils.validation import check_whole

# A channel that varies less than this (images have a range of 2) is constant: its
# deviation is rounding noise and must not be blown up to unit variance.
_CONSTANT = 1e-6

# What the random numbers are for. Each purpose has streams of its own.
_REFERENCE, _GENERATED, _DIRECTIONS = range(3)


class SlicedWasserstein(ImageSetMetric):
    """Sliced Wasserstein distance of Laplacian pyramids, times 1000.

    After section 5 of "Progressive Growing of GANs for Improved Quality, Stability, and
    Variation" (arXiv:1710.10196): small patches are drawn at random positions from each
    level of the images' Laplacian pyramids; per level, the two clouds of patches are
    projected onto random directions, where the Wasserstein distance is that of sorted
    numbers. Fine levels compare texture and noise, coarse levels compare layout. It
    needs no trained network, so it downloads nothing and has no opinion about content.

    Each set is normalised by its *own* mean and standard deviation per level and
    channel, as in the original. A difference in overall colour, brightness or
    contrast between the two sets is therefore invisible to this metric.

    Departures from the original: the sets may have different sizes (exact
    Wasserstein distance between the two empirical distributions) and images of any
    height and width are taken. Two samples of one distribution have a small
    positive distance, which shrinks with the number of images; so does a set to
    itself, because each side draws its own patches. Compare results only at equal
    image size and numbers of images.

    All randomness hangs on `seed` and on an image's place in its set, not on the
    batches: the n-th generated image gives its patches from the same positions in
    every evaluation, so generators are compared on equal terms.

    Args:
        patches_per_image: Patches drawn from each image, at each level.
        patch_size: Height and width of a patch in pixels.
        projections: Random directions that are projected onto at a time.
        repeats: How often new `projections` are drawn, for a smaller variance.
        min_resolution: The pyramid ends with the last level whose shorter side
            has at least this many pixels.
        max_patches: Patches kept at each level, so that memory does not grow with the
            number of images (about 10 MB a level). With more than 128 images each
            gives fewer patches.
        seed: Seed of patch positions and directions.
        name: The metric's short name in logs and tables.

    Raises:
        ValueError: If an argument is not a positive integer (`seed` may be 0,
            `min_resolution` is at least 2), or `patch_size` is greater than
            `min_resolution`.

    Example:

    ```python
    metric = SlicedWasserstein()
    metric.update_reference(zebras)  # (batch, height, width, channels), [-1, 1]
    metric.update_state(generated)
    metric.result()  # 0 is best; bad images reach some hundred
    metric.result_per_level()  # {(64, 64): ..., (32, 32): ..., (16, 16): ...}
    ```
    """

    def __init__(
        self,
        patches_per_image: int = 128,
        patch_size: int = 7,
        projections: int = 128,
        repeats: int = 4,
        min_resolution: int = 16,
        max_patches: int = 16384,
        seed: int = 0,
        name: str = "swd",
    ):
        super().__init__(name)
        check_whole(
            1,
            patches_per_image=patches_per_image,
            patch_size=patch_size,
            projections=projections,
            repeats=repeats,
            max_patches=max_patches,
        )
        check_whole(2, min_resolution=min_resolution)
        check_whole(0, seed=seed)
        if patch_size > min_resolution:
            raise ValueError(
                "`patch_size` must not exceed `min_resolution`, the size of the "
                f"smallest level. Received: {patch_size} > {min_resolution}"
            )
        self.patches_per_image = patches_per_image
        self.patch_size = patch_size
        self.projections = projections
        self.repeats = repeats
        self.min_resolution = min_resolution
        self.max_patches = max_patches
        self.seed = seed

    def check_image_size(self, height: int, width: int) -> None:
        pyramid_sizes(height, width, self.min_resolution)

    def make_statistics(self, reference: bool) -> PatchDescriptors:
        return PatchDescriptors(
            self.patches_per_image,
            self.patch_size,
            self.min_resolution,
            self.max_patches,
            seed=(self.seed, _REFERENCE if reference else _GENERATED),
        )

    def compare(
        self, generated: PatchDescriptors, reference: PatchDescriptors
    ) -> dict[str, float]:
        levels = self._level_distances(generated, reference)
        return {self.name: float(np.mean(levels))}

    def result_per_level(self) -> dict[tuple[int, int], float]:
        """Returns the distance at each level, finest first, by (height, width).

        `result()` is their mean.

        Raises:
            ValueError: If either set has fewer than two images.
        """
        distances = self._level_distances(*self._both_sets())
        return dict(zip(self._level_sizes(), distances, strict=True))

    def describe(self) -> str:
        sizes = self._level_sizes()
        levels = "-".join(str(h) if h == w else f"{h}x{w}" for h, w in sizes)
        return (
            f"SWD x 1e3: Laplacian pyramid {levels or '(no images yet)'}, "
            f"{self.patches_per_image} patches {self.patch_size}x{self.patch_size} "
            f"an image (at most {self.max_patches:,} in all), "
            f"{self.repeats} x {self.projections} projections, "
            f"{self.generated_count} generated against {self.reference_count} "
            f"reference images, seed {self.seed}"
        )

    def _level_sizes(self) -> list[tuple[int, int]]:
        if self.image_shape is None:
            return []
        return pyramid_sizes(*self.image_shape[:2], self.min_resolution)

    def _level_distances(
        self, generated: PatchDescriptors, reference: PatchDescriptors
    ) -> list[float]:
        distances = []
        for level, (x, y) in enumerate(
            zip(generated.levels(), reference.levels(), strict=True)
        ):
            x, y = _normalized(x), _normalized(y)
            # The same directions in every evaluation: see the class.
            random = np.random.default_rng((self.seed, _DIRECTIONS, level))
            repeats = []
            for _ in range(self.repeats):
                directions = random.standard_normal((self.projections, x.shape[1]))
                directions /= np.linalg.norm(directions, axis=1, keepdims=True)
                directions = directions.astype("float32")
                repeats.append(wasserstein_1d(directions @ x.T, directions @ y.T))
            distances.append(1000 * float(np.mean(repeats)))
        return distances


def wasserstein_1d(x: np.ndarray, y: np.ndarray) -> float:
    """Mean Wasserstein-1 distance between the rows of `x` and the rows of `y`.

    The distance of two samples on a line is the area between their quantile
    functions. Those are step functions, with steps at i/n and at j/m: between two
    neighbouring steps both are constant, so the sum below is exact.

    Args:
        x: `(rows, n)`.
        y: `(rows, m)`; m may differ from n.
    """
    n, m = x.shape[1], y.shape[1]
    # In units of 1/(n m) all steps are integers.
    steps = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    widths = np.diff(steps, prepend=0) / (n * m)
    x, y = np.sort(x, axis=1), np.sort(y, axis=1)
    if n != m:
        x, y = x[:, (steps - 1) // m], y[:, (steps - 1) // n]
    # Summed row by row: a float64 copy of all rows would cost more than the sum.
    rows = [np.abs(a - b) @ widths for a, b in zip(x, y, strict=True)]
    return float(np.mean(rows))


def _normalized(patches: np.ndarray) -> np.ndarray:
    """Flattens patches; per channel of the set mean 0 and standard deviation 1."""
    axes = (0, 1, 2)
    mean = patches.mean(axis=axes, dtype="float64")
    deviation = patches.std(axis=axes, dtype="float64")
    scale = 1 / np.where(deviation < _CONSTANT, 1, deviation)
    normalized = (patches - mean.astype("float32")) * scale.astype("float32")
    return normalized.reshape(len(patches), -1)
