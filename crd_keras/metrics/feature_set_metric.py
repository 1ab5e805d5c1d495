"""What the metrics on a network's features have in common."""

import numpy as np

from crd_keras.metrics.features import FeatureExtractor, InceptionFeatures
from crd_keras.metrics.image_set_metric import ImageSetMetric


class FeatureSetMetric(ImageSetMetric):
    """Compares two sets of images by the features that a network sees in them.

    Args:
        features: What turns images into features, or `None` for `InceptionFeatures()`,
            with the weights that the field uses.
        name: The metric's short name in logs and tables.

    Raises:
        ConnectionError: If `features` is `None` and the weights cannot be fetched.
    """

    def __init__(self, features: FeatureExtractor | None, name: str):
        super().__init__(name)
        self.features = InceptionFeatures() if features is None else features

    def measure(self, images: np.ndarray) -> np.ndarray:
        """Returns the features `(batch, features.size)` of a batch of images.

        Raises:
            ValueError: If they are not finite, or not of that shape.
        """
        features = np.asarray(self.features(images))
        expected = (len(images), self.features.size)
        if features.shape != expected:
            raise ValueError(
                f"`features` must return an array of shape {expected}. "
                f"Received: {features.shape}"
            )
        if not np.isfinite(features).all():
            count = int((~np.isfinite(features)).any(axis=1).sum())
            raise ValueError(
                f"`{self.name}` needs finite features: look for NaN in the weights of "
                f"`features`. Received: NaN or infinity for {count} of {len(images)} "
                "images"
            )
        return features

    def describe_sets(self) -> str:
        """Returns how many images of which size are compared, for `describe()`."""
        count = self.reference_count
        reference = "an unknown number of" if count is None else count
        sets = f"{self.generated_count} generated against {reference} reference images"
        if self.image_shape is None:
            return sets
        height, width, _ = self.image_shape
        return f"{sets} of {height}x{width} pixels"
