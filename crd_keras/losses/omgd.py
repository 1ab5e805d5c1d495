"""The losses on final images of OMGD, the method that the paper compares with."""

import keras

from crd_keras.losses.image_loss import ImageLoss
from crd_keras.losses.perceptual import PerceptualLoss
from crd_keras.losses.ssim import SSIMLoss
from crd_keras.losses.total_variation import TotalVariationLoss


def omgd_losses(
    features: keras.Model, data_format: str | None = None
) -> tuple[dict[str, ImageLoss], dict[str, float]]:
    """OMGD's losses between the final images of teacher and student, and their weights.

        10 * (1 - SSIM) + 1e4 * style + 10 * feature + 1e-5 * total variation

    as its program has them, for each of its teachers. The total variation is summed
    over the batch, the others are means. OMGD's student sees no discriminator. Its
    channel distillation, which looks at more than final images, is
    `ChannelDistillation`. Its second teacher of paired images, a deeper one, is not
    part of this project.

    Args:
        features: The network of `PerceptualLoss`.
        data_format: As in `PerceptualLoss`.

    Returns:
        `distillation_losses` and `distillation_loss_weights` for `CRDTrainer`.

    Example:

    ```python
    losses, weights = omgd_losses(crd_keras.models.vgg16_features())
    trainer = crd_keras.CRDTrainer(
        teacher,
        student,
        distillation_losses=losses,
        distillation_loss_weights=weights,
        discriminator_regime="none",
    )
    ```

    Reference:

    - [Online Multi-Granularity Distillation for GAN Compression](
      https://arxiv.org/abs/2108.06908), arXiv:2108.06908
    """
    losses = {
        # Its program hands images in [-1, 1] to a function for [0, 1]. Kept, as the
        # weights were found with it; its zeros beyond the borders are not.
        "ssim": SSIMLoss(value_range=(0.0, 1.0), data_format=data_format),
        "perceptual": PerceptualLoss(features, data_format=data_format),
        "total_variation": TotalVariationLoss(data_format, reduction="sum"),
    }
    return losses, {"ssim": 10.0, "perceptual": 1.0, "total_variation": 1e-5}
