"""The perceptual distance of images to their targets, in the features of a VGG."""

import keras
import numpy as np
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.metrics.paired_metric import PairedMetric
from crd_keras.utils.images import from_pixels

# As LPIPS has it: where a network sees nothing, its features stay 0.
_EPSILON = 1e-10


class VGGDistance(PairedMetric):
    """Distance of images to their targets in a VGG's features, as in LPIPS; 0 is best.

    At each position of a feature map the features are scaled to unit length; the
    squared differences are summed over the channels, averaged over the positions, and
    summed over the feature maps. The result is the mean over the images.

    LPIPS ("The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    arXiv:1801.03924) weighs the channels by factors that were fitted to human
    judgement. There are none here: this is that paper's unweighted baseline, on its
    layers as far as relu4_3, and *not* the number that LPIPS gives.

    Args:
        features: Keras model of images `(batch, height, width, 3)` in [-1, 1] to a list
            of feature maps, channels last, such as `crd_keras.models.vgg16_features()`.
        label: What `features` are, for `describe()`; by default the model's name.
        name: The metric's short name in logs and tables.

    Raises:
        ValueError: If `features` wants its channels first, or has NaN in its weights.

    Example:

    ```python
    features = crd_keras.models.vgg16_features(data_format="channels_last")
    metric = VGGDistance(features, label="VGG-16 with Keras' ImageNet weights")
    metric.evaluate(generated_batches, target_batches)
    ```
    """

    def __init__(
        self, features: keras.Model, label: str | None = None, name: str = "vgg"
    ):
        super().__init__(name)
        if features.input_shape[-1] != 3:
            raise ValueError(
                "`features` must take RGB images with the channels last: make it with "
                f"data_format='channels_last'. Received: {features.input_shape}"
            )
        # Looked for here, as NaN may not arrive at the features: TensorFlow's pooling
        # makes finite numbers of it.
        if not all(np.isfinite(weight).all() for weight in features.get_weights()):
            raise ValueError(
                f"`features` must have finite weights. Received: '{features.name}' "
                "with NaN or infinity"
            )
        self.features = features
        self.label = features.name if label is None else label
        pair = [keras.Input(features.input_shape[1:]) for _ in range(2)]
        self._model = keras.Model(pair, _distance(features, *pair))
        self._model.jit_compile = backend.default_jit_compile()

    def scores(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        pair = [from_pixels(x.astype("float32")) for x in (images, targets)]
        return self._model.predict_on_batch(pair)

    def measure_in_words(self) -> str:
        return f"VGG distance (LPIPS without its learned weights): {self.label}"


def _distance(
    features: keras.Model, images: KerasTensor, targets: KerasTensor
) -> KerasTensor:
    distance = 0.0
    # A model with one output gives it without a list.
    maps = [keras.tree.flatten(features(x)) for x in (images, targets)]
    for ours, theirs in zip(*maps, strict=True):
        difference = _unit_length(ours) - _unit_length(theirs)
        squares = ops.sum(ops.square(difference), axis=-1)
        distance = distance + ops.mean(squares, axis=(1, 2))
    return distance


def _unit_length(features: KerasTensor) -> KerasTensor:
    length = ops.sqrt(ops.sum(ops.square(features), axis=-1, keepdims=True))
    return features / (length + _EPSILON)
