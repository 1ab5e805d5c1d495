"""Random patches from the Laplacian pyramids of a set of images."""

import numpy as np

from crd_keras.metrics.laplacian_pyramid import laplacian_pyramid


class PatchDescriptors:
    """Random patches of a set of images, from each level of their pyramids.

    Args:
        patches_per_image: Patches drawn from each image, at each level.
        patch_size: Height and width of a patch.
        min_resolution: See `pyramid_sizes`.
        seed: Seeds the positions, together with an image's place in the set.
    """

    def __init__(
        self,
        patches_per_image: int,
        patch_size: int,
        min_resolution: int,
        seed: tuple[int, ...],
    ):
        self.patches_per_image = patches_per_image
        self.patch_size = patch_size
        self.min_resolution = min_resolution
        self.seed = seed
        self._image_count = 0
        self._patches = []  # one list of arrays per level

    def update(self, images: np.ndarray) -> None:
        """Draws patches from images `(batch, height, width, channels)`."""
        # One image at a time: its positions must not depend on the batch, and a
        # single image's pyramid stays in the processor's cache.
        for image in images:
            random = np.random.default_rng((*self.seed, self._image_count))
            pyramid = laplacian_pyramid(image, self.min_resolution)
            if not self._patches:
                self._patches = [[] for _ in pyramid]
            for patches, level in zip(self._patches, pyramid, strict=True):
                patches.append(self._draw(level, random))
            self._image_count += 1

    def levels(self) -> list[np.ndarray]:
        """Returns per level `(patches, patch_size, patch_size, channels)`."""
        # Joined once and kept so, in place of the pieces: no second copy.
        self._patches = [[np.concatenate(patches)] for patches in self._patches]
        return [patches[0] for patches in self._patches]

    def _draw(self, level: np.ndarray, random: np.random.Generator) -> np.ndarray:
        size, count = self.patch_size, self.patches_per_image
        top = random.integers(level.shape[0] - size + 1, size=count)
        left = random.integers(level.shape[1] - size + 1, size=count)
        windows = np.lib.stride_tricks.sliding_window_view(
            level, (size, size), axis=(0, 1)
        )
        return windows[top, left].transpose(0, 2, 3, 1)
