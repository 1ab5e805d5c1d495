"""Means that whole numbers of one byte cannot tell from 0."""

import keras
import numpy as np

from crd_keras.export.layer_inputs import layer_inputs
from crd_keras.layers import InstanceNormalization

# Steps on each side of 0 that a number of one byte has.
_STEPS = 127


def small_means(model: keras.Model, images: np.ndarray) -> set[str]:
    """Instance norms whose images have means that are too small to count in full int8.

    An instance norm takes the mean of a channel away. Where a norm and a depthwise
    convolution come before it, that mean is next to 0 in every image. If it is below
    half a step of the numbers that it is taken from, nothing is left of it once they
    are rounded. It costs much time nevertheless: XNNPACK refuses operands whose steps
    are below a 1024th of the result's, and what then computed the subtraction took five
    times as long as all the rest of the student.

    Args:
        model: A functional model, channels last.
        images: `(count, height, width, channels)` in [-1, 1], like those that the model
            is meant for.

    Returns:
        The names of these norms.
    """
    norms = [
        layer
        for layer in model.layers
        if isinstance(layer, InstanceNormalization) and len(layer._inbound_nodes) == 1
    ]
    if not norms:
        return set()
    means = np.zeros(len(norms))
    ranges = np.zeros(len(norms))
    for inputs in layer_inputs(model, norms, images):
        for i, x in enumerate(inputs):
            mean = x.mean((0, 1, 2), dtype="float64")
            means[i] = max(means[i], np.abs(mean).max())
            ranges[i] = max(ranges[i], np.abs(x - mean).max())
    too_small = means < ranges / _STEPS / 2
    return {norm.name for norm, small in zip(norms, too_small, strict=True) if small}
