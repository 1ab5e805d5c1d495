"""The perceptual loss: difference of style and of VGG features."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.image_loss import (
    ImageLoss,
    checked_data_format,
)
from crd_keras.losses.teacher_term import TeacherTerm
from crd_keras.utils.shapes import check_takes_images
from crd_keras.utils.validation import check_at_least


@keras.saving.register_keras_serializable(package="crd_keras")
class PerceptualLoss(ImageLoss):
    """Difference of two images in style and in features, both taken from a VGG.

    With features `F_l` of layer `l`, `(h, w, c)`, and Gram matrices
    `gram_l = F_l^T F_l / (h w c)` of size `(c, c)`,

        style   = sum over l of mean |gram_l(S) - gram_l(T)|
        feature = mean |F_2(S) - F_2(T)|
        loss    = style_weight * style + feature_weight * feature

    Args:
        features: Keras model of images to a list of feature maps, from the lowest to
            the highest, such as `crd_keras.models.vgg16_features()`.
        style_weight: Weight of the style term.
        feature_weight: Weight of the feature term.
        feature_layer: Which of the feature maps the feature term compares. The default
            is the second one, relu2_2.
        data_format: `"channels_last"` or `"channels_first"`, the layout of the images
            and the feature maps. Defaults to `keras.config.image_data_format()`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1]. Grey
    images, of 1 channel, are shown with as many equal ones as the network takes.

    Raises:
        ValueError: If a weight is negative or not finite, if there is no feature map
            `feature_layer`, or (when called) if the images' shapes differ.

    References:

    - [Perceptual Losses for Real-Time Style Transfer and Super-Resolution](
      https://arxiv.org/abs/1603.08155), arXiv:1603.08155
    - [Exploring Content Relationships for Distilling Efficient GANs](
      https://arxiv.org/abs/2212.11091), arXiv:2212.11091.
      Weights and layers are those of this paper.
    """

    def __init__(
        self,
        features: keras.Model,
        style_weight: float = 1e4,
        feature_weight: float = 10.0,
        feature_layer: int = 1,
        data_format: str | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "perceptual",
    ):
        super().__init__(name=name, reduction=reduction)
        if not 0 <= feature_layer < len(features.outputs):
            raise ValueError(
                f"`feature_layer` must be one of the {len(features.outputs)} outputs "
                f"of `features`, from 0. Received: feature_layer={feature_layer}"
            )
        check_at_least(0, style_weight=style_weight, feature_weight=feature_weight)
        self.features = features
        self.networks = [features]
        self.style_weight = style_weight
        self.feature_weight = feature_weight
        self.feature_layer = feature_layer
        self.data_format = checked_data_format(data_format)
        self.term_weights = {"style": style_weight, "feature": feature_weight}

    def check_images(self, image_shape: tuple) -> None:
        channels = image_shape[_channel_axis(self.data_format)]
        taken = _channels_taken(self.features, self.data_format)
        if None not in (channels, taken) and channels not in (1, taken):
            raise ValueError(
                f"`features` must take images of {channels} channels, or there must be "
                f"no perceptual loss. Received: {self.features.name}, which takes "
                f"{taken}"
            )
        check_takes_images(self.features, image_shape, "features")

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        return {"teacher": TeacherTerm(_grams_and_features, self._arguments)}

    def terms(
        self,
        teacher_images: KerasTensor,
        student_images: KerasTensor,
        teacher: tuple[list[KerasTensor], KerasTensor],
    ) -> dict[str, KerasTensor]:
        student = _grams_and_features(student_images, *self._arguments)
        grams = zip(teacher[0], student[0], strict=True)
        style = sum(
            ops.mean(ops.abs(theirs - ours), axis=(1, 2)) for theirs, ours in grams
        )
        error = student[1] - teacher[1]
        feature = ops.mean(ops.abs(error), axis=(1, 2, 3))
        return {"style": style, "feature": feature}

    @property
    def _arguments(self):
        return self.features, self.feature_layer, self.data_format

    def get_config(self) -> dict[str, Any]:
        features = keras.saving.serialize_keras_object(self.features)
        # Keras' key: losses that look through one network do so again when a model that
        # holds them is loaded.
        features["shared_object_id"] = id(self.features)
        return {
            **super().get_config(),
            "features": features,
            "style_weight": self.style_weight,
            "feature_weight": self.feature_weight,
            "feature_layer": self.feature_layer,
            "data_format": self.data_format,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PerceptualLoss":
        features = keras.saving.deserialize_keras_object(config["features"])
        return cls(**{**config, "features": features})


def _grams_and_features(images, network, feature_layer, data_format):
    """The Gram matrices of all feature maps, and one of the maps, float32."""
    axis, taken = _channel_axis(data_format), _channels_taken(network, data_format)
    if images.shape[axis] == 1 and taken is not None:
        images = ops.repeat(images, taken, axis=axis)
    features = network(images)
    feature_map, features[feature_layer] = backend.replicate(features[feature_layer], 2)
    grams = [_gram(x, data_format) for x in features]
    return grams, ops.cast(feature_map, "float32")


def _channel_axis(data_format):
    return -1 if data_format == "channels_last" else 1


def _channels_taken(network, data_format):
    """How many channels a network takes, `None` if it does not say."""
    shape = getattr(network, "input_shape", None)
    return None if shape is None else shape[_channel_axis(data_format)]


def _gram(features, data_format):
    features = ops.cast(features, "float32")
    if data_format == "channels_first":
        features = ops.transpose(features, (0, 2, 3, 1))
    _, height, width, channels = features.shape
    x = ops.reshape(features, (-1, height * width, channels))
    # Scaled first: the sum over all pixels can leave the range of float16.
    x = x / (height * width * channels) ** 0.5
    return ops.matmul(ops.transpose(x, (0, 2, 1)), x)
