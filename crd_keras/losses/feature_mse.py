"""The mean squared error of features, as in FitNets and GAN Compression."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

from crd_keras.losses.feature_loss import FeatureLoss
from crd_keras.models.seeds import SeededNormal


@keras.saving.register_keras_serializable(package="crd_keras")
class FeatureMSELoss(FeatureLoss):
    """Mean squared difference of features.

        sum over layers of mean (F_teacher - adapter(F_student))^2

    where an adapter is a 1x1 convolution, whose weights start from N(0, 0.02) as in GAN
    Compression's program. That gives this loss a weight of 0.01 on horse2zebra, beside
    10 times the L1 difference to the teacher's image, which is `PixelLoss`. On pairs
    the weight is 1, beside 100 times the L1 difference to the target image; losses here
    do not see targets. (`keras.distillation.FeatureDistillation`
    compares one layer, and has no adapter.)

    Args:
        layers: See `FeatureLoss`. GAN Compression takes, of 9 residual blocks, those
            of `("down2_relu", "block3", "block6", "block9")`.
        data_format: See `FeatureLoss`.
        name: Name of the layer.
        seed: See `FeatureLoss`.

    References:

    - [FitNets: Hints for Thin Deep Nets](https://arxiv.org/abs/1412.6550),
      arXiv:1412.6550
    - [GAN Compression: Efficient Architectures for Interactive Conditional GANs](
      https://arxiv.org/abs/2003.08936), arXiv:2003.08936
    """

    def __init__(
        self,
        layers: Sequence[str],
        data_format: str | None = None,
        name: str = "feature_mse",
        seed: int | None = None,
    ):
        super().__init__(layers, data_format, name, seed)

    def make_adapter(self, channels: int, seed: int) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            channels,
            1,
            data_format=self.data_format,
            kernel_initializer=SeededNormal(seed=seed),
        )

    def difference(self, teacher: KerasTensor, student: KerasTensor) -> KerasTensor:
        return ops.mean(ops.square(teacher - student))


@keras.saving.register_keras_serializable(package="crd_keras")
class FeatureDistillation(FeatureMSELoss):
    """`FeatureMSELoss` in files that have its former name.

    Keras stores weights under the name of the class, so an alias would not do.
    """
