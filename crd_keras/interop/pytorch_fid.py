"""pytorch-fid's weights of the Inception network."""

import os

import keras

from crd_keras.interop.architectures import ARCHITECTURES
from crd_keras.state_dicts.matching import mismatch
from crd_keras.state_dicts.state_dict import read_state_dict
from crd_keras.utils.download import download
from crd_keras.utils.errors import first_line

WEIGHTS_URL = (
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
    "pt_inception-2015-12-05-6726825d.pth"
)
WEIGHTS_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


def load_pytorch_fid(
    model: keras.Model, weights: str | os.PathLike = "pytorch-fid"
) -> None:
    """Gives the Inception network the weights that FID is defined by.

    All names and shapes are checked before the first weight is changed. The file's
    classifier may be missing, and so may its counters of training steps, which files
    older than PyTorch 0.4.1 have not.

    Args:
        model: What `crd_keras.models.fid_inception` builds.
        weights: `"pytorch-fid"` for its published weights (96 MB, downloaded once and
            checked), the path of a file in the same layout
            (`.pth`, `.pt`, `.safetensors`), or the path of a file that was saved from
            this model (`.weights.h5` or `.keras`).

    Raises:
        ConnectionError: If the download fails.
        ImportError: If safetensors is needed and not installed.
        ValueError: If the downloaded file has a wrong checksum, or a local one is
            missing, unreadable or not of this network. The first five names that are
            missing, unexpected or of another shape are given.

    Example:

    ```python
    network = crd_keras.models.fid_inception()
    load_pytorch_fid(network, "pt_inception-2015-12-05-6726825d.pth")
    ```
    """
    if weights == "pytorch-fid":
        weights = download(
            WEIGHTS_URL,
            WEIGHTS_SHA256,
            "Pass the path of a copy as `weights`. Received: weights=pytorch-fid",
        )
    elif not os.path.isfile(weights):
        raise ValueError(
            "`weights` must be 'pytorch-fid' or the path of an existing file. "
            f"Received: weights={os.fspath(weights)}"
        )
    path = os.fspath(weights)
    if path.endswith((".weights.h5", ".keras")):
        _load_keras_file(model, path)
    else:
        _load_state_dict(model, path)


def _load_keras_file(model, path):
    # A wrong file ends in many kinds of exceptions, from h5py, Keras and NumPy.
    try:
        model.load_weights(path)
    except Exception as error:
        raise ValueError(
            "`weights` must be a file that was saved from a `fid_inception` model "
            f"({first_line(error)}). Received: weights={path}"
        ) from error


def _load_state_dict(model, path):
    state = read_state_dict(path)
    architecture = ARCHITECTURES["inception"]
    weights = architecture.weights(model)
    problems = mismatch(
        state,
        {name: weight.shape for name, weight in weights.items()},
        architecture.optional,
        architecture.left_out(state, weights),
    )
    if problems:
        raise ValueError(
            "`weights` must be in the layout of pytorch-fid's "
            f"pt_inception-2015-12-05-6726825d.pth: {problems}. "
            f"Received: weights={path}"
        )
    for name, weight in weights.items():
        weight.from_torch(state[name])
