"""What the images of a training are, for either pipeline."""

import dataclasses
from collections.abc import Callable, Sequence

from crd_keras.data.augmentation import enlarged_size
from crd_keras.data.cache_rooms import cache_rooms
from crd_keras.data.source import Images
from crd_keras.utils.image_size import ImageSize


@dataclasses.dataclass(frozen=True)
class TrainingImages:
    """The images of `unpaired_dataset` and `paired_dataset`, and what is done to them.

    Attributes:
        domains: The training images of each domain. All but the last are as many.
        random_streams: For each domain, which of the seed's series of random numbers
            its order, crops and flips follow from.
        image_size: As of `unpaired_dataset`, like the rest, but for
        augmentation: From the batches of the domains to others of the same kind.
    """

    domains: Sequence[Images]
    random_streams: Sequence[int]
    image_size: ImageSize
    framing: str
    batch_size: int
    seed: int
    first_epoch: int
    augmentation: Callable | None
    cache_mebibytes: float
    image_augmentation: Callable | None

    @property
    def counts(self) -> list[int]:
        """Number of images of each domain."""
        return list(map(len, self.domains))

    def make_caches(self, cache: Callable) -> list:
        """A cache of resized images for each domain, within `cache_mebibytes`.

        Args:
            cache: Makes one of the number of images, their shape and its MiB.
        """
        size = enlarged_size(self.image_size)
        shapes = [(*size, images.channels) for images in self.domains]
        rooms = cache_rooms(self.counts, shapes, self.cache_mebibytes)
        return list(map(cache, self.counts, shapes, rooms))
