"""Channel distillation as in OMGD."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

from crd_keras.losses.feature_loss import FeatureLoss


@keras.saving.register_keras_serializable(package="crd_keras")
class ChannelDistillation(FeatureLoss):
    """Mean squared difference of the channels' means.

        sum over layers of mean_c (mean_hw F_teacher - mean_hw adapter(F_student))^2

    where an adapter is a 1x1 convolution, a batch normalisation and a ReLU, as in
    OMGD's program, which gives this loss a weight of 500 on horse2zebra.

    Args:
        layers: See `FeatureLoss`. OMGD takes, of 9 residual blocks,
            `("down2_relu", "block3", "block6", "block9")`.
        data_format: See `FeatureLoss`.
        name: Name of the layer.
        seed: See `FeatureLoss`.

    References:

    - [Channel Distillation: Channel-Wise Attention for Knowledge Distillation](
      https://arxiv.org/abs/2006.01683), arXiv:2006.01683
    - [Online Multi-Granularity Distillation for GAN Compression](
      https://arxiv.org/abs/2108.06908), arXiv:2108.06908
    """

    def __init__(
        self,
        layers: Sequence[str],
        data_format: str | None = None,
        name: str = "channel_distillation",
        seed: int | None = None,
    ):
        super().__init__(layers, data_format, name, seed)

    def make_adapter(self, channels: int, seed: int) -> keras.layers.Layer:
        return keras.Sequential(
            [
                keras.layers.Conv2D(
                    channels,
                    1,
                    use_bias=False,
                    data_format=self.data_format,
                    kernel_initializer=keras.initializers.VarianceScaling(
                        2.0,
                        mode="fan_out",
                        distribution="untruncated_normal",
                        seed=seed,
                    ),
                ),
                keras.layers.BatchNormalization(
                    axis=self.channel_axis, momentum=0.9, epsilon=1e-5
                ),
                keras.layers.ReLU(),
            ]
        )

    def difference(self, teacher: KerasTensor, student: KerasTensor) -> KerasTensor:
        axes = (1, 2) if self.channel_axis == -1 else (2, 3)
        error = ops.mean(teacher, axis=axes) - ops.mean(student, axis=axes)
        return ops.mean(ops.square(error))
