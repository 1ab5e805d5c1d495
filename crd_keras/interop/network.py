"""Networks of PyTorch as Keras models, and the way back."""

import os
from typing import NamedTuple

import keras
import numpy as np

from crd_keras.interop.architectures import (
    ARCHITECTURES,
    architecture_of_model,
    architecture_of_state,
)
from crd_keras.state_dicts.matching import first_names, mismatch
from crd_keras.state_dicts.state_dict import read_state_dict

# Wider networks take gigabytes.
_MOST_UNCHECKED_FILTERS = 128


class ImportedNetwork(NamedTuple):
    """What `read_network` has read.

    Attributes:
        model: The Keras model, `channels_last`, its images in [-1, 1].
        architecture: Name of its architecture.
        left_out: Names of arrays in the file that the Keras model does without.
        converted: Names of arrays in the file that were not float32.
    """

    model: keras.Model
    architecture: str
    left_out: list[str]
    converted: list[str]


def read_network(
    path: str | os.PathLike, architecture: str | None = None
) -> ImportedNetwork:
    """Reads a network of the PyTorch CycleGAN and Pix2Pix family.

    Filters, blocks, channels and the like follow from the file. Which names it needs
    is written down in `docs/pytorch_checkpoints.md`. All names and shapes are checked.
    What instance normalisations have tracked is left out: they use each image's own
    statistics.

    Args:
        path: A file for `read_state_dict`.
        architecture: `"resnet"`, `"mobile_resnet"`, `"unet"`, `"patchgan"`, `"vgg16"`
            (torchvision's) or `"inception"` (pytorch-fid's), or `None` to tell it from
            the names in the file.

    Raises:
        ImportError: If safetensors is needed and not installed.
        ValueError: If `architecture` is unknown, or the file is missing, unreadable or
            not of such a network: with the first five names that are missing,
            unexpected or of another shape.

    Example:

    ```python
    teacher = crd_keras.interop.read_network("latest_net_G_A.pth").model
    teacher.save("teacher.keras")
    ```
    """
    if architecture is not None and architecture not in ARCHITECTURES:
        raise ValueError(
            f"`architecture` must be one of {', '.join(ARCHITECTURES)}. "
            f"Received: architecture={architecture}"
        )
    state = read_state_dict(path)
    shapes = {name: array.shape for name, array in state.items()}
    found = (
        architecture_of_state(shapes)
        if architecture is None
        else ARCHITECTURES[architecture]
    )
    if found is None:
        raise ValueError(
            f"`path` must hold one of {', '.join(ARCHITECTURES)}, in PyTorch's names. "
            f"Received: {path} with {first_names('arrays', shapes)}"
        )
    settings = {}
    try:
        settings = found.settings(shapes)
        _check_width(found, settings, shapes)
        model = found.build(settings, shapes)
        weights = found.weights(model)
        left_out = found.left_out(shapes, weights)
        expected = {name: weight.shape for name, weight in weights.items()}
        problems = mismatch(state, expected, found.optional, left_out)
        if problems:
            raise ValueError(problems)
    except ValueError as error:
        raise ValueError(
            f"`path` must hold the weights of a network of PyTorch's names and shapes, "
            f"as {_describe(found, settings)}: {error}. Received: {path}"
        ) from error
    for name, weight in weights.items():
        weight.from_torch(state[name])
    converted = [name for name in weights if state[name].dtype != np.float32]
    return ImportedNetwork(model, found.name, left_out, converted)


def _check_width(architecture, settings, shapes):
    """Finds out before a very wide network is built whether the file holds one.

    Each side of an array is linear in the filters: narrow networks tell them all. A
    file of a few megabytes may otherwise ask for hundreds of gigabytes.
    """
    filters = settings.get("filters", 0)
    if filters <= _MOST_UNCHECKED_FILTERS:
        return
    one, two = (
        {
            name: np.array(weight.shape)
            for name, weight in architecture.weights(
                architecture.build({**settings, "filters": count}, shapes)
            ).items()
        }
        for count in (1, 2)
    )
    wrong = []
    for name in one:
        sides = one[name] + (filters - 1) * (two[name] - one[name])
        needed = tuple(map(int, sides))
        if shapes.get(name) != needed:
            wrong.append(f"{name} {shapes.get(name, 'missing')} instead of {needed}")
    if wrong:
        raise ValueError(first_names("of another shape", wrong))


def to_state_dict(model: keras.Model) -> dict[str, np.ndarray]:
    """A Keras model's weights in PyTorch's names, shapes and order.

    Args:
        model: A model of an architecture of `read_network`, from this package's
            builders, or `keras.applications.VGG16(include_top=False)`.

    Raises:
        ValueError: If the model is of none of them.
    """
    architecture = architecture_of_model(model)
    if architecture is None:
        raise ValueError(
            f"`model` must be one of {', '.join(ARCHITECTURES)}, as crd_keras.models "
            f"builds them. Received: {model.name} with {describe_network(model)}"
        )
    return {
        name: weight.to_torch() for name, weight in architecture.weights(model).items()
    }


def describe_network(model: keras.Model) -> str:
    """What a network is, such as `"mobile_resnet (filters 64, blocks 9, ...)"`.

    Of a model of no known architecture only the size is told.
    """
    architecture = architecture_of_model(model)
    if architecture is None:
        return f"{len(model.weights)} arrays of {model.count_params():,} numbers"
    weights = architecture.weights(model)
    return _describe(
        architecture, architecture.settings({n: w.shape for n, w in weights.items()})
    )


def _describe(architecture, settings):
    if not settings:
        return architecture.name
    listed = (f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
    return f"{architecture.name} ({', '.join(listed)})"
