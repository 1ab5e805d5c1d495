"""Wavelet distillation: the difference of two images' details."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.losses.image_loss import (
    ImageLoss,
    checked_data_format,
    image_size,
)
from crd_keras.losses.norms import get_norm
from crd_keras.utils.validation import check_at_least


@keras.saving.register_keras_serializable(package="crd_keras")
class WaveletLoss(ImageLoss):
    """Difference of the high-frequency bands of two images' wavelet transforms.

    The discrete Haar transform splits an image into four bands of half its size: one
    with the pixels' averages and three with their differences along the rows, along
    the columns and along both. The averages are split again, `levels` times. Only the
    differences, called details, are compared:

        sum over levels of mean |details(S) - details(T)|

    where the mean is over the three bands of a level. With `norm="l2"` the square
    stands in place of the absolute value.

    Wavelet and levels are those of the authors' program for horse2zebra. The paper has
    the absolute value, the program the square, with a weight of 0.4. The program does
    so in both directions of a CycleGAN whose discriminators learn from the student; so
    the student is a GAN of its own. Here it is one generator, A to B.

    Args:
        levels: How often the averages are split. `2 ** levels` must divide height and
            width.
        norm: `"l1"` or `"l2"`.
        data_format: `"channels_last"` or `"channels_first"`, the layout of the images.
            Defaults to `keras.config.image_data_format()`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in [-1, 1].

    Raises:
        ValueError: If `levels` is not positive, `norm` is unknown, or (when called) if
            the images' shapes differ or `2 ** levels` does not divide them.

    Reference:

    - [Wavelet Knowledge Distillation: Towards Efficient Image-to-Image Translation](
      https://arxiv.org/abs/2203.06321), arXiv:2203.06321
    """

    def __init__(
        self,
        levels: int = 4,
        norm: str = "l1",
        data_format: str | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "wavelet",
    ):
        super().__init__(name=name, reduction=reduction)
        check_at_least(1, levels=levels)
        self._size = get_norm(norm)
        self.levels = levels
        self.norm = norm
        self.data_format = checked_data_format(data_format)
        self.term_weights = {"wavelet_detail": 1.0}

    def check_images(self, image_shape: tuple) -> None:
        height, width = image_size(image_shape, self.data_format)
        if any(size is not None and size % 2**self.levels for size in (height, width)):
            raise ValueError(
                f"`levels={self.levels}` needs images whose height and width are "
                f"multiples of {2**self.levels}. "
                f"Received: images of {height} x {width} pixels"
            )

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        self.check_images(student_images.shape)
        # The transform is linear: that of the difference is the transforms' difference.
        averages = ops.cast(student_images, "float32") - ops.cast(
            teacher_images, "float32"
        )
        if self.data_format == "channels_first":
            averages = ops.transpose(averages, (0, 2, 3, 1))
        loss = 0.0
        for _ in range(self.levels):
            averages, details = _haar(averages)
            loss += sum(ops.mean(self._size(x), axis=(1, 2, 3)) for x in details) / 3
        return {"wavelet_detail": loss}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "levels": self.levels,
            "norm": self.norm,
            "data_format": self.data_format,
        }


def _haar(images):
    """One level: averages and three details, `(batch, H / 2, W / 2, C)` each."""
    low, high = _split(images, axis=1)
    averages, vertical = _split(low, axis=2)
    return averages, (vertical, *_split(high, axis=2))


def _split(images, axis):
    """Scaled sums and differences of pairs of neighbours along an axis."""
    shape = list(images.shape)
    shape[0] = -1
    shape[axis : axis + 1] = (shape[axis] // 2, 2)
    first, second = ops.unstack(ops.reshape(images, shape), axis=axis + 1)
    return (first + second) / 2**0.5, (first - second) / 2**0.5
