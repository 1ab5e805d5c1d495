"""Features of a network that sees images as they would be saved."""

import hashlib
import os
import pathlib

import keras
import numpy as np

from crd_keras import backend
from crd_keras.metrics.bilinear import resize_bilinear
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.utils.checksum import file_sha256
from crd_keras.utils.images import to_uint8


class NetworkFeatures:
    """What the features of all networks have in common.

    Images are rounded to uint8, as if they had been saved: `(x + 1) * 127.5`, rounded
    and clipped. They are then scaled to [0, 1], resized (bilinear, without
    antialiasing, pixel centres at half coordinates) and scaled to [-1, 1]. Grey images
    get three equal channels, which is what pytorch-fid does when it reads them.

    The features of the last batch are kept: two metrics that are fed the same batch
    one after the other share one run of the network.

    Args:
        network: Keras model of images `(batch, height, width, 3)` in [-1, 1] to
            features `(batch, size)`.
        name: Network and weights in words.
        image_size: Height and width that the images are resized to.

    Attributes:
        size: The number of features.
        label: Network, weights and treatment of the images in words.
    """

    def __init__(self, network: keras.Model, name: str, image_size: int):
        self.size: int = keras.tree.flatten(network.output_shape)[-1]
        self.label = (
            f"{self.size} features of {name}, images rounded to uint8, bilinear to "
            f"{image_size}x{image_size}"
        )
        self._image_size = image_size
        self._network = network
        self._network.jit_compile = backend.default_jit_compile()
        self._last_digest = b""
        self._last_features: np.ndarray = np.empty((0, self.size), "float32")

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the features of a batch of images.

        Args:
            images: `(batch, height, width, 3)`, or 1 channel, in [-1, 1].

        Returns:
            `(batch, size)`, float32, not to be written to.

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
        resized = resize_bilinear(scaled, self._image_size, self._image_size)
        # Compiled as Keras compiles, without gradients, normalisations in inference.
        output = self._network.predict_on_batch(2 * resized - 1)
        features = np.asarray(keras.tree.flatten(output)[0])
        features.flags.writeable = False  # Others may get the same array.
        return features


def file_label(path: str | os.PathLike) -> str:
    """What the weights of a file are called, by its name and content."""
    return f"weights of {pathlib.Path(path).name}, sha256 {file_sha256(path)[:8]}"
