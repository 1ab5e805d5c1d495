"""The structural similarity of images and their targets."""

import numpy as np

from crd_keras.metrics.paired_metric import PairedMetric

# Width of the Gaussian window: 3.5 times its sigma of 1.5 to either side.
_WINDOW = 11


class SSIM(PairedMetric):
    """Structural similarity of images and their targets, up to 1. Higher is better.

    After "Image Quality Assessment: From Error Visibility to Structural Similarity"
    (IEEE Transactions on Image Processing 13, 2004), by scikit-image: 11x11 Gaussian
    window of sigma 1.5, without Bessel's correction, K1 = 0.01, K2 = 0.03, on grey
    levels rounded to uint8. The index is taken in each colour channel and averaged over
    them and over the places where the window fits into the image; the result is the
    mean over the images.

    Args:
        name: The metric's short name in logs and tables.
    """

    higher_is_better = True

    def __init__(self, name: str = "ssim"):
        super().__init__(name)

    def check_image_size(self, height: int, width: int) -> None:
        if min(height, width) < _WINDOW:
            raise ValueError(
                f"`images` must have at least {_WINDOW} pixels a side, the window of "
                f"SSIM. Received: height {height}, width {width}"
            )

    def scores(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        # Imported when it is needed: `import crd_keras` must not wait for it.
        from skimage.metrics import structural_similarity

        self.check_image_size(*images.shape[1:3])
        return np.array(
            [
                structural_similarity(
                    target,
                    image,
                    channel_axis=-1,
                    data_range=255,
                    gaussian_weights=True,
                    sigma=1.5,
                    use_sample_covariance=False,
                )
                for image, target in zip(images, targets, strict=True)
            ]
        )

    def measure_in_words(self) -> str:
        return "SSIM (11x11 Gaussian window, colour channels averaged)"
