"""The kernel Inception distance."""

import numpy as np

from crd_keras.metrics.feature_set_metric import FeatureSetMetric
from crd_keras.metrics.features import FeatureExtractor
from crd_keras.utils.validation import check_whole


class KernelInceptionDistance(FeatureSetMetric):
    """Squared MMD of two sets of images in an Inception's features; 0 is best.

    After "Demystifying MMD GANs" (arXiv:1801.01401): the unbiased estimate of
    the squared maximum mean discrepancy with the kernel `(x y / size + 1) ** degree`,
    on random subsets of either set; the result is the mean over the subsets. Unlike
    FID it has no bias that depends on the number of images, so it is the honest number
    for small test sets. It may be slightly negative where the sets are alike.

    `results()` also has the standard deviation over the subsets, as `<name>_std`. It is
    no error of the mean: the subsets share images, and where a set is no larger than a
    subset they all hold the whole of it. Where that is so of both sets, there is only
    one subset, and its deviation is 0.

    All features are kept in float32, `4 * features.size` bytes an image (8 KiB with
    Inception's 2048), but no images. The subsets are drawn by `seed` without
    replacement, the same in every evaluation of as many images.

    Args:
        features: What turns images into features, or `None` for `InceptionFeatures()`:
            pytorch-fid's network and weights.
        subsets: How many subsets are drawn.
        subset_size: How many images of either set a subset holds; fewer if a set is
            smaller.
        degree: Degree of the polynomial kernel.
        seed: Seed of the subsets.
        name: The metric's short name in logs and tables.

    Raises:
        ValueError: If `subsets`, `degree` is not a positive integer, `subset_size` not
            one of at least 2, or `seed` not one of at least 0.
        ConnectionError: If `features` is `None` and the weights cannot be fetched.

    Example:

    ```python
    metric = KernelInceptionDistance()
    metric.evaluate(generated_batches, reference_batches)
    metric.results()  # {"kid": ..., "kid_std": ...}
    ```
    """

    def __init__(
        self,
        features: FeatureExtractor | None = None,
        subsets: int = 100,
        subset_size: int = 1000,
        degree: int = 3,
        seed: int = 0,
        name: str = "kid",
    ):
        check_whole(1, subsets=subsets, degree=degree)
        check_whole(2, subset_size=subset_size)
        check_whole(0, seed=seed)
        super().__init__(features, name)
        self.subsets = subsets
        self.subset_size = subset_size
        self.degree = degree
        self.seed = seed

    def make_statistics(self, reference: bool) -> "FeatureList":
        return FeatureList()

    def compare(
        self, generated: "FeatureList", reference: "FeatureList"
    ) -> dict[str, float]:
        x, y = generated.array(), reference.array()
        subsets, size = self._subsets()
        random = np.random.default_rng(self.seed)
        distances = []
        for _ in range(subsets):
            drawn_x = x[random.choice(len(x), size, replace=False)]
            drawn_y = y[random.choice(len(y), size, replace=False)]
            distances.append(polynomial_mmd(drawn_x, drawn_y, self.degree))
        return {
            self.name: float(np.mean(distances)),
            f"{self.name}_std": float(np.std(distances)),
        }

    def describe(self) -> str:
        subsets, size = self._subsets()
        return (
            f"KID: {self.features.label}, {self.describe_sets()}, {subsets} "
            f"{'subset' if subsets == 1 else 'subsets'} of {size}, degree "
            f"{self.degree}, seed {self.seed}"
        )

    def _subsets(self) -> tuple[int, int]:
        """How many subsets there are, and of which size."""
        both = (self.generated_count, self.reference_count)
        counts = {count for count in both if count is not None}
        size = min(self.subset_size, *counts)
        # All of both sets: drawing it again would change nothing.
        return (1 if counts == {size} else self.subsets), size


class FeatureList:
    """The features of a set of images, in float32."""

    def __init__(self) -> None:
        self._features: list[np.ndarray] = []

    def update(self, features: np.ndarray) -> None:
        """Adds features `(batch, size)`."""
        self._features.append(np.array(features, dtype="float32"))

    def array(self) -> np.ndarray:
        """Returns the features of all images, `(count, size)`."""
        # Joined once and kept so, in place of the pieces: no second copy.
        self._features = [np.concatenate(self._features)]
        return self._features[0]


def polynomial_mmd(x: np.ndarray, y: np.ndarray, degree: int = 3) -> float:
    """Unbiased estimate of the squared MMD with a polynomial kernel, in float64.

    With k(a, b) = (a b / size + 1) ** degree: the mean of k over the pairs of different
    rows of `x`, plus the same of `y`, minus twice the mean over the pairs of `x` and
    `y`. It is equation 3 of "A Kernel Two-Sample Test" (Journal of Machine Learning
    Research 13, 2012).

    Args:
        x: Features `(n, size)`, n at least 2.
        y: Features `(m, size)`, m at least 2.
        degree: Degree of the kernel.
    """
    x, y = x.astype("float64"), y.astype("float64")

    def mean_of_others(a):
        products = polynomial_kernel(a, a, degree)
        return (products.sum() - np.trace(products)) / (len(a) * (len(a) - 1))

    across = polynomial_kernel(x, y, degree).mean()
    return float(mean_of_others(x) + mean_of_others(y) - 2 * across)


def polynomial_kernel(a: np.ndarray, b: np.ndarray, degree: int) -> np.ndarray:
    """(a b / size + 1) ** degree of each row of `a` and each of `b`, `(n, m)`."""
    return (a @ b.T / a.shape[1] + 1) ** degree
