"""The difference of two images, pixel by pixel."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.losses.image_loss import ImageLoss
from crd_keras.losses.norms import get_norm


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
        self._size = get_norm(norm)
        self.norm = norm
        self.term_weights = {f"pixel_{norm}": 1.0}

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        error = ops.cast(student_images, "float32") - ops.cast(
            teacher_images, "float32"
        )
        return {f"pixel_{self.norm}": ops.mean(self._size(error), axis=(1, 2, 3))}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "norm": self.norm}
