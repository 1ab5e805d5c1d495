"""The norms that losses of differences take by name."""

from collections.abc import Callable

from keras import KerasTensor, ops

from crd_keras.losses.absolute import absolute

_NORMS = {"l1": absolute, "l2": ops.square}


def get_norm(name: str) -> Callable[[KerasTensor], KerasTensor]:
    """What a difference is turned into before its mean is taken.

    Args:
        name: `"l1"`, its absolute value, or `"l2"`, its square.

    Raises:
        ValueError: If it is neither.
    """
    if name not in _NORMS:
        raise ValueError(
            f"`norm` must be one of {tuple(_NORMS)}. Received: norm={name!r}"
        )
    return _NORMS[name]
