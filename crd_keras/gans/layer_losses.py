"""The losses that layers add by themselves: regularisers and `add_loss`."""

import keras
from keras import KerasTensor, ops


def weight_losses(*networks: keras.Model) -> KerasTensor | float:
    """The sum of the regularisers of the networks' trainable weights, a scalar.

    Args:
        *networks: Each network once, however often it is called in a step.
    """
    return _total(
        weight.regularizer(weight)
        for network in networks
        for weight in _regularized(network)
    )


def call_losses(*networks: keras.Model) -> KerasTensor | float:
    """The sum of what layers added in the last call of each network, a scalar.

    That is `add_loss`, and activity regularisers.

    Args:
        *networks: Networks, each just called within the function whose gradient is
            taken.
    """
    return _total(
        loss
        for network in networks
        # Keras lists the regularisers of weights last.
        for loss in network.losses[: -len(_regularized(network)) or None]
    )


def _regularized(network):
    return [x for x in network.trainable_weights if x.regularizer is not None]


def _total(losses):
    return sum((ops.sum(ops.cast(loss, "float32")) for loss in losses), 0.0)
