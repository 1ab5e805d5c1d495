"""pytorch-fid's weights of the Inception network."""

import os

import keras

from crd_keras.interop.architectures import KINDS
from crd_keras.interop.matching import mismatch
from crd_keras.interop.state_dict import read_state_dict


def load_pytorch_fid(model: keras.Model, path: str | os.PathLike) -> None:
    """Fills a model with weights in the layout of pytorch-fid's published file.

    All names and shapes are checked before the first weight is changed. The file's
    classifier may be missing, and so may its counters of training steps, which files
    older than PyTorch 0.4.1 have not.

    Args:
        model: What `crd_keras.models.fid_inception` builds.
        path: A file for `read_state_dict`.

    Raises:
        ImportError: If PyTorch or safetensors is needed and not installed.
        ValueError: If the file is missing, unreadable or not of this network. The
            first five names that are missing, unexpected or of another shape are
            given.
    """
    state = read_state_dict(path)
    kind = KINDS["inception"]
    weights = kind.weights(model)
    problems = mismatch(
        state,
        {name: weight.shape for name, weight in weights.items()},
        kind.optional,
        kind.left_out(state, weights),
    )
    if problems:
        raise ValueError(
            "`weights` must be in the layout of pytorch-fid's "
            f"pt_inception-2015-12-05-6726825d.pth: {problems}. "
            f"Received: weights={path}"
        )
    for name, weight in weights.items():
        weight.from_torch(state[name])
