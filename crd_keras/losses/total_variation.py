"""The total variation of the student's images."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.absolute import absolute
from crd_keras.losses.image_loss import (
    ImageLoss,
    checked_data_format,
)


@keras.saving.register_keras_serializable(package="crd_keras")
class TotalVariationLoss(ImageLoss):
    """Sum of the differences between neighbouring pixels of the student's image.

        sum |S[i + 1, j] - S[i, j]| + sum |S[i, j + 1] - S[i, j]|

    over all pixels and channels of an image. It keeps the student's images smooth and
    does not use the teacher's. As a sum it grows with the size of the image, so its
    weight is small: 1e-5 in OMGD, at 256x256. OMGD's program also sums over the batch,
    as `reduction="sum"` does.

    Args:
        data_format: `"channels_last"` or `"channels_first"`, the layout of the images.
            Defaults to `keras.config.image_data_format()`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1].

    Raises:
        ValueError: If `data_format` is unknown or (when called) the images' shapes
            differ.

    References:

    - [Nonlinear total variation based noise removal algorithms](
      https://doi.org/10.1016/0167-2789(92)90242-F), Rudin et al., 1992
    - [Online Multi-Granularity Distillation for GAN Compression](
      https://arxiv.org/abs/2108.06908), arXiv:2108.06908
    """

    def __init__(
        self,
        data_format: str | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "total_variation",
    ):
        super().__init__(name=name, reduction=reduction)
        self.data_format = checked_data_format(data_format)
        self.term_weights = {"total_variation": 1.0}

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        axes = (1, 2) if self.data_format == "channels_last" else (2, 3)
        copies = backend.replicate(ops.cast(student_images, "float32"), len(axes))
        variation = sum(
            ops.sum(absolute(ops.diff(images, axis=axis)), axis=(1, 2, 3))
            for images, axis in zip(copies, axes, strict=True)
        )
        return {"total_variation": variation}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
