"""The features of VGG-16 that the perceptual loss compares."""

import os

import keras
import numpy as np

from crd_keras.layers import Conv2D
from crd_keras.models.applications import load_application
from crd_keras.models.layer_factory import LayerFactory
from crd_keras.models.seeds import SeededNormal
from crd_keras.utils.images import PIXELS_PER_UNIT, from_pixels

# Filters of the convolutions in each block, as far as relu4_3.
_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))

# What Keras' weights expect: pixels in 0-255 less these means (red, green, blue).
_KERAS_PIXEL_MEANS = (123.68, 116.779, 103.939)

# Factors on relu1_2, relu2_2, relu3_3, relu4_3 which bring the features of Keras'
# weights to the scale that the loss weights of CRD are made for: that of a network fed
# with [0, 1]. ReLU and max pooling commute with a positive factor, so, apart from
# the biases, pixels 255 times as large give features 255 times as large. This is
# derived, not fitted to the weights.
KERAS_FEATURE_SCALES = (1 / 255, 1 / 255, 1 / 255, 1 / 255)


def vgg16_features(
    weights: str | os.PathLike | None = "imagenet",
    layout: str = "keras",
    blocks: int = 4,
    input_shape: tuple | None = None,
    data_format: str | None = None,
    seed: int | None = None,
    name: str = "vgg16_features",
) -> keras.Model:
    """VGG-16 as far as relu4_3 or less, frozen, with its preprocessing inside.

    The loss weights 1e4 and 10 of "Exploring Content Relationships for Distilling
    Efficient GANs" (arXiv:2212.11091) belong to torchvision's weights fed with images
    in `[0, 1]`. Keras' weights are others: they expect pixels in 0-255 less the
    ImageNet mean, and answer with features some hundred times larger, Gram matrices ten
    thousand times. With `layout="keras"` the features are therefore multiplied by
    `KERAS_FEATURE_SCALES`, 1/255 each. That factor is derived from the scale of the
    input, not measured.

    Args:
        weights: `"imagenet"` for the weights that Keras downloads, a path of a
            weights file (`.h5` or `.weights.h5`) for
            `keras.applications.VGG16(include_top=False)`, or `None` for random
            weights (He normal) fed with `[0, 1]`.
        layout: What the weights expect. `"keras"`: BGR pixels in 0-255 less the
            ImageNet mean. `"torchvision"`: RGB in `[0, 1]`, for a file of
            torchvision's weights, converted; the features are not rescaled. Random
            weights know no layout.
        blocks: How many blocks of convolutions, 1 to 4. CRD's 4 end with
            relu4_3; 2 end with relu2_2 and take a third of the computation.
        input_shape: Tuple without batch, in the order of `data_format`, with 3
            channels; height and width may be `None`. `None` means
            `(None, None, 3)`, or `(3, None, None)` with `"channels_first"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for
            `keras.config.image_data_format()`.
        seed: Integer, for random weights that are the same in each call and on
            each backend, or `None` for others in each call.
        name: String, name of the model.

    Returns:
        A functional `keras.Model`, not trainable: RGB images in `[-1, 1]` in, the
        list of relu1_2, relu2_2, relu3_3 and relu4_3 (as far as `blocks` goes) out,
        with 64, 128, 256 and 512 channels at 1, 1/2, 1/4 and 1/8 of the size.

    Raises:
        ValueError: If `weights` is neither `"imagenet"` nor `None` nor a file with
            the weights of VGG-16, `layout` or `data_format` is unknown, `blocks` is
            not 1 to 4, or `layout="torchvision"` is combined with
            `weights="imagenet"`.
        ConnectionError: If the download fails.

    Example:

    ```python
    features = crd_keras.models.vgg16_features(weights=None, seed=0)
    images = np.random.uniform(-1, 1, (1, 256, 256, 3))
    relu1_2, relu2_2, relu3_3, relu4_3 = features(images)
    ```

    Reference:

    - [Very Deep Convolutional Networks for Large-Scale Image Recognition](
      https://arxiv.org/abs/1409.1556), arXiv:1409.1556
    """
    if layout not in ("keras", "torchvision"):
        raise ValueError(
            f"`layout` must be 'keras' or 'torchvision'. Received: {layout}"
        )
    if not 1 <= blocks <= len(_BLOCKS):
        raise ValueError(
            f"`blocks` must be from 1 to {len(_BLOCKS)}. Received: {blocks}"
        )
    if weights == "imagenet" and layout != "keras":
        raise ValueError(
            "`layout='torchvision'` needs the path of a converted file as `weights`: "
            f"'imagenet' are Keras' weights. Received: weights={weights}"
        )
    pretrained = None if weights is None else load_application("VGG16", weights)
    expects_keras_pixels = pretrained is not None and layout == "keras"
    scales = KERAS_FEATURE_SCALES if expects_keras_pixels else (1.0,) * len(_BLOCKS)

    make = LayerFactory(data_format, seed)
    inputs = keras.Input(input_shape or make.default_input_shape(), name="images")
    x = _preprocessing(expects_keras_pixels, make.channel_axis)(inputs)
    outputs = []
    for block in range(1, blocks + 1):
        block_filters, scale = _BLOCKS[block - 1], scales[block - 1]
        if block > 1:
            x = keras.layers.MaxPooling2D(2, data_format=make.data_format)(x)
        for conv, filters in enumerate(block_filters, start=1):
            fan_in = 9 * x.shape[make.channel_axis]
            x = Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                data_format=make.data_format,
                kernel_initializer=SeededNormal(
                    stddev=float(np.sqrt(2 / fan_in)), seed=make.next_seed()
                ),
                name=f"block{block}_conv{conv}",
            )(x)
        # Losses are computed from the features: float32 under mixed precision.
        outputs.append(
            keras.layers.Rescaling(
                scale, dtype="float32", name=f"relu{block}_{len(block_filters)}"
            )(x)
        )
    model = keras.Model(inputs, outputs, name=name)
    if pretrained is not None:
        _copy_weights(pretrained, model, flip_channels=layout == "keras")
    model.trainable = False
    return model


def _preprocessing(expects_keras_pixels: bool, axis: int) -> keras.layers.Layer:
    """From `[-1, 1]` to what the first convolution expects, per RGB channel."""
    if expects_keras_pixels:
        # to_pixels(x) - mean = (x - from_pixels(mean)) * PIXELS_PER_UNIT
        mean = [from_pixels(pixel_mean) for pixel_mean in _KERAS_PIXEL_MEANS]
        scale = PIXELS_PER_UNIT
    else:
        mean, scale = [-1.0] * 3, 0.5
    return keras.layers.Normalization(
        axis=axis, mean=mean, variance=[scale**-2] * 3, name="preprocessing"
    )


def _copy_weights(
    source: keras.Model, target: keras.Model, flip_channels: bool
) -> None:
    for layer in target.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = source.get_layer(layer.name).get_weights()
            if flip_channels and layer.name == "block1_conv1":
                # Keras' kernels want blue first: turning the kernel round saves
                # turning each image round.
                kernel = kernel[:, :, ::-1, :]
            layer.set_weights([kernel, bias])
