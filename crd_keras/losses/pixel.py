"""The difference of two images, pixel by pixel."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.losses.absolute import absolute
from crd_keras.losses.image_loss import ImageLoss

_NORMS = {"l1": absolute, "l2": ops.square}


@keras.saving.register_keras_serializable(package="crd_keras")
class PixelLoss(ImageLoss):
    """Mean absolute (L1) or mean squared (L2) difference of two images.

        l1 = mean |S - T|        l2 = mean (S - T)^2

    Args:
        norm: `"l1"` or `"l2"`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1], or any
    other layout.

    Raises:
        ValueError: If `norm` is unknown or (when called) the images' shapes differ.
    """

    def __init__(
        self,
        norm: str = "l1",
        reduction: str = "sum_over_batch_size",
        name: str = "pixel",
    ):
        super().__init__(name=name, reduction=reduction)
        if norm not in _NORMS:
            raise ValueError(
                f"`norm` must be one of {tuple(_NORMS)}. Received: norm={norm!r}"
            )
        self.norm = norm
        self.term_weights = {f"pixel_{norm}": 1.0}

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        error = ops.cast(student_images, "float32") - ops.cast(
            teacher_images, "float32"
        )
        size = _NORMS[self.norm]
        return {f"pixel_{self.norm}": ops.mean(size(error), axis=(1, 2, 3))}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "norm": self.norm}
