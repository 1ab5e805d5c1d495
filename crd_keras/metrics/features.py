"""What FID and KID see in an image: the features of an Inception network."""

import hashlib
import os
import pathlib
from typing import Protocol

import keras
import numpy as np

from crd_keras import backend
from crd_keras.interop.pytorch_fid import WEIGHTS_SHA256, load_pytorch_fid
from crd_keras.metrics.bilinear import resize_bilinear
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.models.applications import load_application
from crd_keras.models.fid_inception import fid_inception
from crd_keras.models.float32_channels_last import float32_channels_last
from crd_keras.utils.images import to_uint8

_IMAGE_SIZE = 299


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


class InceptionFeatures:
    """The 2048 features of an Inception network, as pytorch-fid computes them.

    Images are rounded to uint8, as if they had been saved: `(x + 1) * 127.5`, rounded
    and clipped. They are then scaled to [0, 1], resized to 299x299 (bilinear, without
    antialiasing, pixel centres at half coordinates) and scaled to [-1, 1]. Grey images
    get three equal channels, which is what pytorch-fid does when it reads them.

    The features of the last batch are kept: two metrics that are fed the same batch
    one after the other share one run of the network.

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

    size = 2048

    def __init__(
        self,
        weights: str | os.PathLike = "pytorch-fid",
        seed: int = 0,
        keras_weights: str | os.PathLike = "imagenet",
    ):
        if weights == "keras":
            self._network = _keras_inception(keras_weights)
            network = f"Keras' InceptionV3 ({_keras_label(keras_weights)})"
        elif weights == "random":
            self._network = fid_inception(seed=seed)
            network = f"the 2015 Inception with RANDOM weights (seed {seed})"
        elif weights == "pytorch-fid" or _is_file(weights):
            self._network = fid_inception()
            load_pytorch_fid(self._network, weights)
            network = f"the 2015 Inception ({_fid_label(weights)})"
        else:
            raise ValueError(
                "`weights` must be 'pytorch-fid', 'keras', 'random', or the path of an "
                f"existing file. Received: weights={weights}"
            )
        self._network.jit_compile = backend.default_jit_compile()
        self.label = (
            f"{self.size} features of {network}, images rounded to uint8, bilinear to "
            f"{_IMAGE_SIZE}x{_IMAGE_SIZE}"
        )
        self._last_digest = b""
        self._last_features: np.ndarray = np.empty((0, self.size), "float32")

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the features of a batch of images.

        Args:
            images: `(batch, height, width, 3)`, or 1 channel, in [-1, 1].

        Returns:
            `(batch, 2048)`, float32, not to be written to.

        Raises:
            ValueError: If the images are not of that form or not finite.
        """
        images = checked_batch(images, shape=None)
        if images.shape[-1] not in (1, 3):
            raise ValueError(
                f"`images` must have 3 channels, or 1. Received: shape {images.shape}"
            )
        pixels = np.repeat(to_uint8(images), 3 // images.shape[-1], axis=-1)
        digest = hashlib.sha256(pixels.tobytes() + str(pixels.shape).encode()).digest()
        if digest != self._last_digest:
            self._last_features = self._run(pixels)
            self._last_digest = digest
        return self._last_features

    def _run(self, pixels: np.ndarray) -> np.ndarray:
        scaled = pixels.astype("float32") / 255
        resized = resize_bilinear(scaled, _IMAGE_SIZE, _IMAGE_SIZE)
        # Compiled as Keras compiles, without gradients, normalisations in inference.
        features = np.asarray(self._network.predict_on_batch(2 * resized - 1))
        features.flags.writeable = False  # Others may get the same array.
        return features


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
    return f"{_file_label(weights)}, not those of FID"


def _fid_label(weights: str | os.PathLike) -> str:
    if weights == "pytorch-fid" or _sha256(weights) == WEIGHTS_SHA256:
        return "pytorch-fid's weights"
    return _file_label(weights)


def _file_label(path: str | os.PathLike) -> str:
    return f"weights of {pathlib.Path(path).name}, sha256 {_sha256(path)[:8]}"


def _sha256(path: str | os.PathLike) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
