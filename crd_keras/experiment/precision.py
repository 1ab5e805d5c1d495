"""In what numbers an experiment's networks compute."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Networks that are built inside get this dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def in_float32(network: keras.Model) -> keras.Model:
    """The network for use elsewhere: computing, as it is stored, in float32.

    A file of a network remembers its policy, and bfloat16 or float16 is slow on most
    CPUs and refused by some formats of phones and browsers.
    """

    def as_float32(layer):
        return layer.__class__.from_config({**layer.get_config(), "dtype": "float32"})

    if all(layer.compute_dtype == "float32" for layer in network._flatten_layers()):
        return network
    copy = keras.models.clone_model(network, clone_function=as_float32)
    copy.set_weights(network.get_weights())
    return copy
