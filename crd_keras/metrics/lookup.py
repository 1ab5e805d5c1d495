"""Metrics by their names."""

import os
from collections.abc import Callable

from crd_keras.metrics.efficientnet_lite_features import EfficientNetLiteFeatures
from crd_keras.metrics.features import FeatureExtractor, InceptionFeatures
from crd_keras.metrics.fid import FrechetInceptionDistance
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.metrics.kid import KernelInceptionDistance
from crd_keras.metrics.mae import PairedMAE
from crd_keras.metrics.psnr import PSNR
from crd_keras.metrics.sliced_wasserstein import SlicedWasserstein
from crd_keras.metrics.ssim import SSIM

_OF_FEATURES: dict[str, Callable[[FeatureExtractor], ImageMetric]] = {
    "fid": FrechetInceptionDistance,
    "kid": KernelInceptionDistance,
}
_OF_IMAGES: dict[str, Callable[[], ImageMetric]] = {
    "swd": SlicedWasserstein,
    "mae": PairedMAE,
    "psnr": PSNR,
    "ssim": SSIM,
}


def get_metric(
    name: str, features: str | os.PathLike | FeatureExtractor = "pytorch-fid"
) -> ImageMetric:
    """Makes a metric with its usual settings.

    Args:
        name: `"fid"`, `"kid"` or `"swd"` for two sets of images, `"mae"`, `"psnr"` or
            `"ssim"` for images with targets.
        features: For FID and KID: a feature extractor, which several metrics may
            share, `"efficientnet_lite"` for `EfficientNetLiteFeatures()`, or the
            `weights` of `InceptionFeatures`. The others need none.

    Raises:
        ImportError: If the package with the weights of `features` is not installed.
        ValueError: If there is no such metric, or `features` is wrong.
        ConnectionError: If the weights of `features` cannot be fetched.

    Example:

    ```python
    metric = get_metric("kid", features="pt_inception-2015-12-05-6726825d.pth")
    ```
    """
    if name in _OF_IMAGES:
        return _OF_IMAGES[name]()
    if name not in _OF_FEATURES:
        names = ", ".join(map(repr, (*_OF_FEATURES, *_OF_IMAGES)))
        raise ValueError(f"`name` must be one of {names}. Received: {name}")
    if features == "efficientnet_lite":
        features = EfficientNetLiteFeatures()
    elif isinstance(features, (str, os.PathLike)):
        features = InceptionFeatures(weights=features)
    return _OF_FEATURES[name](features)
