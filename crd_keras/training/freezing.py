"""Freezing a discriminator while the student trains."""

import contextlib
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def frozen(model: keras.Model) -> Iterator[None]:
    """Context in which a model is not trainable and none of its state changes.

    Keras runs a batch normalisation that is not trainable in inference mode. A frozen
    discriminator must compute what it computes when it trains. So its batch
    normalisations go on using the statistics of the batch, and their moving statistics
    do not change.

    `trainable` and `momentum` of every layer are restored, also after an error.

    Args:
        model: The model to freeze. Its layers may be nested, and shared.
    """
    # A layer's `trainable` goes to all layers in it. So a layer is restored after all
    # that hold it, of which a shared one has several.
    layers = sorted(model._flatten_layers(), key=_size, reverse=True)
    trainable = [layer.trainable for layer in layers]
    with fixed_statistics(model):
        try:
            model.trainable = False
            for norm in _batch_normalizations(model):
                norm.trainable = True
            yield
        finally:
            for layer, value in zip(layers, trainable, strict=True):
                layer.trainable = value


@contextlib.contextmanager
def fixed_statistics(model: keras.Model) -> Iterator[None]:
    """Context in which no moving statistic of a model changes.

    Its batch normalisations go on using the statistics of the batch. `momentum` of
    every layer is restored, also after an error.

    Args:
        model: The model. Its layers may be nested, and shared.
    """
    norms = _batch_normalizations(model)
    momentum = [norm.momentum for norm in norms]
    try:
        for norm in norms:
            # moving = moving * 1 + batch * 0, which is exact.
            norm.momentum = 1.0
        yield
    finally:
        for norm, value in zip(norms, momentum, strict=True):
            norm.momentum = value


def _batch_normalizations(model):
    layers = model._flatten_layers()
    return [x for x in layers if isinstance(x, keras.layers.BatchNormalization)]


def _size(layer):
    return sum(1 for _ in layer._flatten_layers())
