"""pytorch-fid's weights of the Inception network."""

import os
from collections.abc import Iterable

import keras
import numpy as np

from crd_keras.interop.state_dict import read_state_dict

# The classifier in the file, which the features do not pass through. Its 1008 classes
# tell that file from torchvision's, which has 1000 and other weights.
_CLASSIFIER = {"fc.weight": (1008, 2048), "fc.bias": (1008,)}

# How many names an error message gives.
_NAMES_IN_MESSAGE = 5


def load_pytorch_fid(model: keras.Model, path: str | os.PathLike) -> None:
    """Fills a model with weights in the layout of pytorch-fid's published file.

    All names and shapes are checked before the first weight is changed. The file's
    classifier may be missing, and so may its counters of training steps.

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
    variables = _variables_by_name(model)
    shapes = {key: _torch_shape(v.shape) for key, v in variables.items()}
    expected = {**shapes, **_CLASSIFIER}
    # A counter of steps, which files older than PyTorch 0.4.1 have not.
    counters = {
        key.replace("running_mean", "num_batches_tracked")
        for key in shapes
        if key.endswith("running_mean")
    }
    problems = [
        _named("missing", (key for key in shapes if key not in state)),
        _named(
            "unexpected",
            (key for key in state if key not in expected and key not in counters),
        ),
        _named(
            "of another shape",
            (
                f"{key} {state[key].shape} instead of {shape}"
                for key, shape in expected.items()
                if key in state and state[key].shape != shape
            ),
        ),
        # Left to the features it would not show: TensorFlow's max pooling makes
        # finite numbers of NaN.
        _named(
            "not finite",
            (k for k in expected if k in state and not np.isfinite(state[k]).all()),
        ),
    ]
    if any(problems):
        raise ValueError(
            "`weights` must be in the layout of pytorch-fid's "
            f"pt_inception-2015-12-05-6726825d.pth: {'; '.join(filter(None, problems))}"
            f". Received: weights={path}"
        )
    for key, variable in variables.items():
        array = state[key]
        # (filters, channels, height, width) to (height, width, channels, filters)
        variable.assign(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array)


def _variables_by_name(model: keras.Model) -> dict[str, keras.Variable]:
    """The model's variables by their names in pytorch-fid's file."""
    result = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            names = {"weight": layer.kernel}
        elif isinstance(layer, keras.layers.BatchNormalization):
            names = {
                "weight": layer.gamma,
                "bias": layer.beta,
                "running_mean": layer.moving_mean,
                "running_var": layer.moving_variance,
            }
        else:
            continue
        module = layer.name.replace("-", ".")
        result |= {f"{module}.{name}": variable for name, variable in names.items()}
    return result


def _torch_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) == 4:
        height, width, channels, filters = shape
        return filters, channels, height, width
    return tuple(shape)


def _named(problem: str, names: Iterable[str]) -> str:
    """Such as "2 missing (a, b)", or nothing where there is no name."""
    names = list(names)
    if not names:
        return ""
    more = ", ..." if len(names) > _NAMES_IN_MESSAGE else ""
    return f"{len(names)} {problem} ({', '.join(names[:_NAMES_IN_MESSAGE])}{more})"
