"""Channel distillation as in OMGD."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, ops

from crd_keras.losses.feature_loss import FeatureLoss
from crd_keras.models.seeds import SeededNormal, seed_stream


@keras.saving.register_keras_serializable(package="crd_keras")
class ChannelDistillation(FeatureLoss):
    """Mean squared difference of the channels' means.

        sum over layers of mean_c (mean_hw F_teacher - mean_hw adapter(F_student))^2

    where an adapter is a 1x1 convolution, a batch normalisation and a ReLU, as in
    OMGD's program. Kernels start from N(0, 0.02) there and here, the scales of the
    normalisation from N(1, 0.02). Its weight of this loss is 500 on horse2zebra, 100 on
    summer2winter, and 10 with the U-Nets of edges2shoes.

    Args:
        layers: See `FeatureLoss`. OMGD takes, of 9 residual blocks,
            `("down2_relu", "block3", "block6", "block9")`, and of U-Nets
            `("down2_relu", "down4_relu", "skip4_relu", "skip2_relu")`.
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
        seeds = seed_stream(seed)
        return keras.Sequential(
            [
                keras.layers.Conv2D(
                    channels,
                    1,
                    use_bias=False,
                    data_format=self.data_format,
                    kernel_initializer=SeededNormal(seed=next(seeds)),
                ),
                keras.layers.BatchNormalization(
                    axis=self.channel_axis,
                    momentum=0.9,
                    epsilon=1e-5,
                    gamma_initializer=SeededNormal(1.0, 0.02, seed=next(seeds)),
                ),
                keras.layers.ReLU(),
            ]
        )

    def difference(self, teacher: KerasTensor, student: KerasTensor) -> KerasTensor:
        axes = (1, 2) if self.channel_axis == -1 else (2, 3)
        error = ops.mean(teacher, axis=axes) - ops.mean(student, axis=axes)
        return ops.mean(ops.square(error))
