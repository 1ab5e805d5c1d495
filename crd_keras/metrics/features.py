"""What FID and KID see in an image: the features of an Inception network."""

import os
from typing import Protocol

import keras
import numpy as np

from crd_keras.interop.pytorch_fid import WEIGHTS_SHA256, load_pytorch_fid
from crd_keras.metrics.network_features import NetworkFeatures, file_label
from crd_keras.models.applications import load_application
from crd_keras.models.fid_inception import fid_inception
from crd_keras.models.float32_channels_last import float32_channels_last
from crd_keras.utils.checksum import file_sha256


class FeatureExtractor(Protocol):
    """Turns images into features.

    Attributes:
        size: The number of features.
        label: Network, weights and treatment of the images in words, for reports:
            numbers with different labels cannot be compared.
    """

    size: int
    label: str

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the float32 features `(batch, size)` of a batch of images.

        Args:
            images: `(batch, height, width, channels)` in [-1, 1].
        """


class InceptionFeatures(NetworkFeatures):
    """The 2048 features of an Inception network, as pytorch-fid computes them.

    Images are rounded to uint8, as if they had been saved: `(x + 1) * 127.5`, rounded
    and clipped. They are then scaled to [0, 1], resized to 299x299 (bilinear, without
    antialiasing, pixel centres at half coordinates) and scaled to [-1, 1]. Grey images
    get three equal channels, which is what pytorch-fid does when it reads them.

    Args:
        weights: `"pytorch-fid"` for the weights that the field uses, or the path of a
            file with weights of that network; see `crd_keras.interop.load_pytorch_fid`.
            `"random"` for random weights, good for tests of a program only.
            `"keras"` for `keras.applications.InceptionV3` instead: features whose
            numbers are comparable among themselves only.
        seed: Integer, for the random weights.
        keras_weights: With `weights="keras"`: `"imagenet"` for the weights that Keras
            downloads, or the path of a file with them (`include_top=False`).

    Attributes:
        size: 2048.
        label: Network, weights and treatment of the images in words.

    Raises:
        ConnectionError: If weights cannot be downloaded.
        ImportError: If the file needs safetensors to be read, which is not installed.
        ValueError: If `weights` is none of these, or a file is not of the network.

    Example:

    ```python
    features = crd_keras.metrics.InceptionFeatures("random")
    features(np.zeros((4, 256, 256, 3), "float32")).shape  # (4, 2048)
    ```
    """

    def __init__(
        self,
        weights: str | os.PathLike = "pytorch-fid",
        seed: int = 0,
        keras_weights: str | os.PathLike = "imagenet",
    ):
        if weights == "keras":
            network = _keras_inception(keras_weights)
            name = f"Keras' InceptionV3 ({_keras_label(keras_weights)})"
        elif weights == "random":
            network = fid_inception(seed=seed)
            name = f"the 2015 Inception with RANDOM weights (seed {seed})"
        elif weights == "pytorch-fid" or _is_file(weights):
            network = fid_inception()
            load_pytorch_fid(network, weights)
            name = f"the 2015 Inception ({_fid_label(weights)})"
        else:
            raise ValueError(
                "`weights` must be 'pytorch-fid', 'keras', 'random', or the path of an "
                f"existing file. Received: weights={weights}"
            )
        super().__init__(network, name, image_size=299)


def _keras_inception(weights: str | os.PathLike) -> keras.Model:
    with float32_channels_last():
        network = load_application("InceptionV3", weights, pooling="avg")
    network.trainable = False
    return network


def _is_file(weights: object) -> bool:
    return isinstance(weights, (str, os.PathLike)) and os.path.isfile(weights)


def _keras_label(weights: str | os.PathLike) -> str:
    if weights == "imagenet":
        return "Keras' ImageNet weights, not those of FID"
    return f"{file_label(weights)}, not those of FID"


def _fid_label(weights: str | os.PathLike) -> str:
    if weights == "pytorch-fid" or file_sha256(weights) == WEIGHTS_SHA256:
        return "pytorch-fid's weights"
    return file_label(weights)
