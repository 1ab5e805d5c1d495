"""The structural dissimilarity of two images."""

from typing import Any

import keras
import numpy as np
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.losses.image_loss import (
    ImageLoss,
    checked_data_format,
    image_size,
)
from crd_keras.utils.validation import check_finite

_WINDOW = 11
_CENTRE = _WINDOW // 2
_SIGMA = 1.5
_K1, _K2 = 0.01, 0.03


@keras.saving.register_keras_serializable(package="crd_keras")
class SSIMLoss(ImageLoss):
    """One minus the structural similarity (SSIM) of two images: from 0 to 2.

    With means `m`, variances `v` and the covariance `v_st` of student and teacher in an
    11x11 Gaussian window of sigma 1.5, `L` the width of `value_range`,
    `c1 = (0.01 L)^2` and `c2 = (0.03 L)^2`,

                  2 m_s m_t + c1       2 v_st + c2
        SSIM = -------------------- * -----------------
                m_s^2 + m_t^2 + c1     v_s + v_t + c2

    It is taken in each channel, and averaged over the channels and over the places
    where the window fits into the image, so images are not padded. This is
    scikit-image's `structural_similarity` with Gaussian weights and without sample
    covariance. `crd_keras.metrics.SSIM` differs in that it rounds images to uint8.

    Args:
        value_range: Pair of the least and the greatest value of the images. SSIM is
            made for values from 0, so that the least is subtracted first.
        data_format: `"channels_last"` or `"channels_first"`, the layout of the images.
            Defaults to `keras.config.image_data_format()`.
        reduction: How the images' losses become one. Defaults to their mean.
        name: Name of the loss.

    Call with teacher images and student images, `(batch, H, W, C)` in `value_range`,
    of 11 pixels a side or more.

    Raises:
        ValueError: If `value_range` is empty or not finite, or (when called) if the
            images' shapes differ or they are smaller than the window.

    Reference:

    - [Image quality assessment: from error visibility to structural similarity](
      https://doi.org/10.1109/TIP.2003.819861), Wang et al., 2004
    """

    def __init__(
        self,
        value_range: tuple[float, float] = (-1.0, 1.0),
        data_format: str | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "ssim",
    ):
        super().__init__(name=name, reduction=reduction)
        least, greatest = value_range
        check_finite(**{"value_range[0]": least, "value_range[1]": greatest})
        if not least < greatest:
            raise ValueError(
                "`value_range` must be a pair of a lesser and a greater value. "
                f"Received: value_range={value_range}"
            )
        self.value_range = (float(least), float(greatest))
        self.data_format = checked_data_format(data_format)
        # Not "ssim": that is a metric's name, and greater is better there.
        self.term_weights = {"ssim_loss": 1.0}

    def check_images(self, image_shape: tuple) -> None:
        height, width = image_size(image_shape, self.data_format)
        if any(size is not None and size < _WINDOW for size in (height, width)):
            raise ValueError(
                f"`student_images` must have at least {_WINDOW} pixels a side, the "
                f"window of SSIM. Received: height {height}, width {width}"
            )

    def terms(
        self, teacher_images: KerasTensor, student_images: KerasTensor
    ) -> dict[str, KerasTensor]:
        self.check_images(student_images.shape)
        least, greatest = self.value_range
        teacher = ops.cast(teacher_images, "float32") - least
        student = ops.cast(student_images, "float32") - least
        if self.data_format == "channels_first":
            teacher = ops.transpose(teacher, (0, 2, 3, 1))
            student = ops.transpose(student, (0, 2, 3, 1))
        c1, c2 = ((k * (greatest - least)) ** 2 for k in (_K1, _K2))
        return {"ssim_loss": 1 - _mean_ssim(teacher, student, c1, c2)}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "data_format": self.data_format,
        }


def _mean_ssim(teacher, student, c1, c2):
    """SSIM `(batch,)` of `(batch, H, W, C)`.

    Both factors of SSIM are written with the difference `e = s - t`, its mean `m_e` and
    variance `v_e`:

        1 - m_e^2 / (m_s^2 + m_t^2 + c1)     and     1 - v_e / (v_s + v_t + c2)

    which is the same, and keeps its digits in float32 where images are flat or alike:
    the usual form then divides small differences of large squares.
    """
    for_mean, for_square, for_error = backend.replicate(student, 3)
    error = for_error - teacher
    maps = (teacher, for_mean)
    squares = (ops.square(teacher) + ops.square(for_square), ops.square(error))
    # One pass over all maps, side by side as channels.
    blurred = _window_mean(ops.concatenate(maps + squares, axis=-1))
    teacher_mean, student_mean, mean_squares, mean_square_error = ops.split(
        blurred, 4, axis=-1
    )
    squared_means = ops.square(teacher_mean) + ops.square(student_mean)
    squared_mean_error = ops.square(student_mean - teacher_mean)
    luminance = 1 - squared_mean_error / (squared_means + c1)
    variances = mean_squares - squared_means
    structure = 1 - (mean_square_error - squared_mean_error) / (variances + c2)
    return ops.mean(luminance * structure, axis=(1, 2, 3))


@backend.custom_gradient
def _window_mean(x):
    """Gaussian mean where the window fits, `(b, H, W, C)` to `(b, H - 10, W - 10, C)`.

    Sums of shifted images, not a convolution: GPUs round a convolution's factors to
    ten bits where they may, too few for a variance. The gradient is written by hand as
    the same sums: those of a tensor with eleven uses are added in no fixed order by
    TensorFlow.
    """
    border = _WINDOW - 1

    def backward(upstream):
        edges = (border, border)
        return _weighted_shifts(ops.pad(upstream, ((0, 0), edges, edges, (0, 0))))

    return _weighted_shifts(x), backward


def _weighted_shifts(x):
    """Weighted sums of eleven neighbours down, then of eleven across."""
    weights = np.exp(-((np.arange(_WINDOW) - _CENTRE) ** 2) / (2 * _SIGMA**2))
    weights = (weights / weights.sum()).tolist()
    for axis in (1, 2):
        x = _weighted_sum(x, weights, axis)
    return x


def _weighted_sum(x, weights, axis):
    size = x.shape[axis] - _WINDOW + 1

    def shifted(offset):
        start = [slice(None)] * axis
        return x[(*start, slice(offset, offset + size))]

    # From the faintest pair of neighbours to the centre, which rounds the least.
    pairs = (
        weights[i] * (shifted(i) + shifted(_WINDOW - 1 - i)) for i in range(_CENTRE)
    )
    return sum(pairs) + weights[_CENTRE] * shifted(_CENTRE)
