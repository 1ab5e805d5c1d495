"""The networks of `keras.applications`, or one line that says why not."""

import os
from typing import Any

import keras

from crd_keras.utils.download import alone_in_cache, bounded_waiting
from crd_keras.utils.errors import first_line
from crd_keras.utils.full_disk import DiskFullError


def load_application(
    name: str, weights: str | os.PathLike, **arguments: Any
) -> keras.Model:
    """Builds a network of `keras.applications` without its classifier.

    Args:
        name: The network's name there, such as `"VGG16"`.
        weights: `"imagenet"` for the weights that Keras downloads, or the path of a
            file with weights of the network without its classifier.
        **arguments: Further arguments of the network.

    Raises:
        ConnectionError: If the download fails.
        DiskFullError: If there is no space for it.
        ValueError: If `weights` is neither `"imagenet"` nor such a file.
    """
    build = getattr(keras.applications, name)
    if weights == "imagenet":
        # Keras raises a bare `Exception` when a download fails.
        try:
            with bounded_waiting(), alone_in_cache():
                return build(include_top=False, weights=weights, **arguments)
        except DiskFullError:
            raise
        except Exception as error:
            raise ConnectionError(
                f"The ImageNet weights of {name} could not be fetched "
                f"({first_line(error)}). Pass the path of a file as `weights`. "
                f"Received: weights={weights}"
            ) from error
    path = os.fspath(weights)
    if not os.path.isfile(path):
        raise ValueError(
            "`weights` must be 'imagenet', None, or the path of an existing file. "
            f"Received: weights={path}"
        )
    # A wrong file ends in many kinds of exceptions, from h5py, Keras and NumPy.
    try:
        return build(include_top=False, weights=path, **arguments)
    except Exception as error:
        raise ValueError(
            "`weights` must be a file with the weights of "
            f"keras.applications.{name}(include_top=False) ({first_line(error)}). "
            f"Received: weights={path}"
        ) from error
