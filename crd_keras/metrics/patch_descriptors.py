"""Random patches from the Laplacian pyramids of a set of images."""

import numpy as np

from crd_keras.metrics.laplacian_pyramid import laplacian_pyramid

# How far the patches may outgrow their number until the superfluous are dropped.
_SLACK = 1.125


class PatchDescriptors:
    """Random patches of a set of images, from each level of their pyramids.

    Memory is bounded: of more than `max_patches` a level, a random part is kept.

    Args:
        patches_per_image: Patches drawn from each image, at each level.
        patch_size: Height and width of a patch.
        min_resolution: See `pyramid_sizes`.
        max_patches: Patches kept at each level.
        seed: Seeds positions and choice, together with an image's place in the set.
    """

    def __init__(
        self,
        patches_per_image: int,
        patch_size: int,
        min_resolution: int,
        max_patches: int,
        seed: tuple[int, ...],
    ):
        self.patches_per_image = patches_per_image
        self.patch_size = patch_size
        self.min_resolution = min_resolution
        self.max_patches = max_patches
        self.seed = seed
        self._image_count = 0
        # Per level a list of arrays of patches.
        self._levels: list[list[np.ndarray]] = []
        # A random number for each patch, in a list of arrays. Those with the least
        # are kept: any patch is as likely as another, whatever the batches were.
        self._keys: list[np.ndarray] = []
        self._key_limit = 1.0

    def update(self, images: np.ndarray) -> None:
        """Draws patches from images `(batch, height, width, channels)`."""
        # One image at a time: its positions must not depend on the batch, and a
        # single image's pyramid stays in the processor's cache.
        for image in images:
            random = np.random.default_rng((*self.seed, self._image_count))
            pyramid = laplacian_pyramid(image, self.min_resolution)
            drawn = [self._draw(level, random) for level in pyramid]
            keys = random.random(self.patches_per_image)
            self._add(drawn, keys)
            self._image_count += 1

    def levels(self) -> list[np.ndarray]:
        """Returns per level `(patches, patch_size, patch_size, channels)`."""
        self._drop_superfluous()
        return [patches[0] for patches in self._levels]

    def _add(self, drawn: list[np.ndarray], keys: np.ndarray) -> None:
        if not self._levels:
            self._levels = [[] for _ in drawn]
        chosen = keys < self._key_limit
        self._keys.append(keys[chosen])
        for patches, new in zip(self._levels, drawn, strict=True):
            patches.append(new[chosen])
        if sum(map(len, self._keys)) > _SLACK * self.max_patches:
            self._drop_superfluous()

    def _drop_superfluous(self) -> None:
        """Joins the arrays and keeps the patches with the least keys."""
        keys = np.concatenate(self._keys)
        chosen: slice | np.ndarray = slice(None)
        if len(keys) > self.max_patches:
            order = np.argpartition(keys, self.max_patches - 1)
            chosen = np.sort(order[: self.max_patches])
            self._key_limit = keys[chosen].max()
        self._keys = [keys[chosen]]
        for level, patches in enumerate(self._levels):
            self._levels[level] = []  # One level at a time is there twice.
            self._levels[level] = [np.concatenate(patches)[chosen]]

    def _draw(self, level: np.ndarray, random: np.random.Generator) -> np.ndarray:
        size, count = self.patch_size, self.patches_per_image
        top = random.integers(level.shape[0] - size + 1, size=count)
        left = random.integers(level.shape[1] - size + 1, size=count)
        windows = np.lib.stride_tricks.sliding_window_view(
            level, (size, size), axis=(0, 1)
        )
        return windows[top, left].transpose(0, 2, 3, 1)
