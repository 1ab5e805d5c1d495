"""Weights from a file, for a model that is there already."""

import os

import keras


def load_weights(model: keras.Model, path: str | os.PathLike) -> None:
    """Gives a model the weights of a file; it is left as it was if they do not fit.

    Args:
        model: The model.
        path: A `.keras` file of a model of the same architecture, or the
            `.weights.h5` file of one.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the weights are those of another architecture.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"`path` must be a .keras or .weights.h5 file. Received: {path}, which is "
            "no file"
        )
    if not str(path).endswith(".keras"):
        model.load_weights(path)
        return
    other = keras.saving.load_model(path, compile=False)
    needed, found = ([w.shape for w in m.weights] for m in (model, other))
    if needed != found:
        raise ValueError(
            f"`path` must hold the weights of {model.name}, {len(needed)} arrays of "
            f"{model.count_params():,} numbers. Received: {path} with {len(found)} "
            f"arrays of {other.count_params():,} numbers"
        )
    model.set_weights(other.get_weights())
