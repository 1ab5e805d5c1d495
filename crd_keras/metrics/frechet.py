"""Gaussians fitted to features, and the Fréchet distance between them."""

import numpy as np


def frechet_distance(
    mu1: np.ndarray, sigma1: np.ndarray, mu2: np.ndarray, sigma2: np.ndarray
) -> float:
    """Fréchet (Wasserstein-2) distance of two Gaussians, squared, as in FID.

        |mu1 - mu2|^2 + tr(sigma1) + tr(sigma2) - 2 tr((sigma1 sigma2)^(1/2))

    The square root of the product is that of sqrt(sigma1) sigma2 sqrt(sigma1), which
    is symmetric, so no complex numbers arise. With sigma = R R^T, from its
    eigenvalues and eigenvectors, the trace is the sum of the singular values of
    R1^T R2. This keeps the results of singular covariances exact, where roots of
    eigenvalues that should be 0 would turn rounding errors of 1e-16 into 1e-8.

    Args:
        mu1: Mean, `(features,)`.
        sigma1: Covariance, `(features, features)`, symmetric; it may be singular.
        mu2: Mean of the other Gaussian.
        sigma2: Covariance of the other Gaussian.

    Returns:
        The distance, at least 0.

    Raises:
        ValueError: If the shapes do not fit, or a number is not finite.
    """
    moments = [np.asarray(x, dtype="float64") for x in (mu1, sigma1, mu2, sigma2)]
    shapes = [x.shape for x in moments]
    size = moments[0].size
    if shapes != [(size,), (size, size)] * 2:
        raise ValueError(
            "`mu1`, `sigma1`, `mu2`, `sigma2` must have the shapes (n,), (n, n), (n,), "
            f"(n, n). Received: {', '.join(map(str, shapes))}"
        )
    if not all(np.isfinite(x).all() for x in moments):
        raise ValueError(
            "Means and covariances must be finite. Received: NaN or infinity"
        )
    mu1, sigma1, mu2, sigma2 = moments
    roots = _root(sigma1).T @ _root(sigma2)
    overlap = np.linalg.svd(roots, compute_uv=False).sum()
    difference = mu1 - mu2
    distance = (
        difference @ difference + np.trace(sigma1) + np.trace(sigma2) - 2 * overlap
    )
    # The distance of a Gaussian to itself may be rounded to something below 0.
    return float(max(distance, 0.0))


def _root(covariance: np.ndarray) -> np.ndarray:
    """R with R R^T the covariance, with as many columns as its rank."""
    values, vectors = np.linalg.eigh(covariance)
    # Zeros come out as rounding errors on either side. The bound is that of
    # `np.linalg.matrix_rank`; no eigenvalue below it can be told from them.
    above = values > len(values) * np.finfo("float64").eps * values.max()
    return vectors[:, above] * np.sqrt(values[above])


class FeatureStatistics:
    """Count, mean and covariance of features that come batch by batch.

    Takes `8 * size * size` bytes, however many features come: 32 MiB for Inception's
    2048. Everything is float64. Batches are centred before their products are summed,
    and the sums are merged by the difference of the means (Chan, Golub and LeVeque,
    "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979):
    nothing large is subtracted from something large, as E[x x] - mu mu does.

    Args:
        size: The number of features of an image.
    """

    def __init__(self, size: int):
        self._count = 0
        self._mean = np.zeros(size)
        # The sum of (x - mean)(x - mean)^T over all features.
        self._scatter = np.zeros((size, size))

    @property
    def count(self) -> int:
        """The number of images whose features came."""
        return self._count

    @property
    def mean(self) -> np.ndarray:
        """The mean, `(size,)`."""
        return self._mean

    @property
    def covariance(self) -> np.ndarray:
        """The sample covariance, `(size, size)`: divided by count - 1, as `np.cov`.

        pytorch-fid uses the same.

        Raises:
            ValueError: If fewer than two images' features came.
        """
        if self._count < 2:
            raise ValueError(
                "A covariance needs the features of at least 2 images. "
                f"Received: {self._count}"
            )
        return self._scatter / (self._count - 1)

    def update(self, features: np.ndarray) -> None:
        """Adds features `(batch, size)`.

        Raises:
            ValueError: If they have another size.
        """
        features = np.asarray(features, dtype="float64")
        if features.ndim != 2 or features.shape[1] != len(self._mean):
            raise ValueError(
                f"`features` must have the shape (batch, {len(self._mean)}). "
                f"Received: {features.shape}"
            )
        added = len(features)
        if not added:
            return
        total = self._count + added
        batch_mean = features.mean(axis=0)
        step = batch_mean - self._mean
        # One more row makes the merging term part of the same matrix product.
        between = step * np.sqrt(self._count * added / total)
        rows = np.vstack([features - batch_mean, between])
        self._scatter += rows.T @ rows
        self._mean = self._mean + step * (added / total)
        self._count = total
