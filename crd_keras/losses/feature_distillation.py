"""Feature distillation as in FitNets and GAN Compression."""

from collections.abc import Sequence

import keras
from keras import ops

from crd_keras.losses.feature_loss import FeatureLoss


@keras.saving.register_keras_serializable(package="crd_keras")
class FeatureDistillation(FeatureLoss):
    """Mean squared difference of features.

        sum over layers of mean (F_teacher - adapter(F_student))^2

    where an adapter is a 1x1 convolution.

    Args:
        layers: See `FeatureLoss`. GAN Compression takes, of 9 residual blocks, those
            of `("down2_relu", "block3", "block6", "block9")`, with a weight of 1.
        data_format: See `FeatureLoss`.
        name: Name of the layer.

    References:
        - [Romero et al., 2014](https://arxiv.org/abs/1412.6550)
        - [Li et al., 2020](https://arxiv.org/abs/2003.08936)
    """

    def __init__(
        self,
        layers: Sequence[str],
        data_format: str | None = None,
        name: str = "feature_distillation",
    ):
        super().__init__(layers, data_format, name)

    def make_adapter(self, channels):
        return keras.layers.Conv2D(channels, 1, data_format=self.data_format)

    def difference(self, teacher, student):
        return ops.mean(ops.square(teacher - student))
