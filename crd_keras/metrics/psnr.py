"""The peak signal-to-noise ratio of images against their targets."""

import numpy as np

from crd_keras.metrics.paired_metric import PairedMetric


class PSNR(PairedMetric):
    """Peak signal-to-noise ratio of images against their targets, in dB.

    `10 log10(255^2 / mean squared error)` of each image, on grey levels rounded to
    uint8, by scikit-image; the result is the mean over the images. Higher is better.

    Equal images have an infinite ratio, and one of them would make the mean infinite.
    They are given the greatest finite one that images of their size can have, that of
    a single value which is off by one level: `10 log10(255^2 * height * width *
    channels)`, 101.1 dB for 256x256 pixels in colour.

    Args:
        name: The metric's short name in logs and tables.
    """

    higher_is_better = True

    def __init__(self, name: str = "psnr"):
        super().__init__(name)

    def scores(self, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
        # Imported when it is needed: `import crd_keras` must not wait for it.
        from skimage.metrics import peak_signal_noise_ratio

        greatest = 10 * np.log10(255**2 * images[0].size)
        return np.array(
            [
                greatest
                if np.array_equal(image, target)
                else peak_signal_noise_ratio(target, image, data_range=255)
                for image, target in zip(images, targets, strict=True)
            ]
        )

    def measure_in_words(self) -> str:
        return "PSNR in dB of 255 grey levels"
