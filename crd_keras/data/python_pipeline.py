"""The pipeline of training images without TensorFlow."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from crd_keras.data.array_cache import ArrayCache
from crd_keras.data.augmentation import (
    Crops,
    crop_and_flip_arrays,
    draw_crops,
    enlarge_array,
    enlarged_size,
)
from crd_keras.data.cache_rooms import cache_rooms
from crd_keras.data.epochs import epoch_seed
from crd_keras.data.loader import array_loader
from crd_keras.data.pair_dataset import PairDataset, as_pair
from crd_keras.data.philox import fold_in
from crd_keras.data.source import Images
from crd_keras.utils.image_size import ImageSize


class _DomainPlan(NamedTuple):
    """What is drawn for the images of one domain in an epoch, place by place."""

    order: np.ndarray
    seeds: np.ndarray
    crops: Crops

    def at(self, places: slice) -> "_DomainPlan":
        crops = Crops(*(values[places] for values in self.crops))
        return _DomainPlan(self.order[places], self.seeds[places], crops)


class ImagePairs(PairDataset):
    """The batches of `unpaired_dataset` and `paired_dataset` by Pillow and NumPy.

    Orders, crops and flips are those of the tf.data pipeline, digit for digit.

    Args:
        domains: The training images of each domain. All but the last are as many.
        random_streams: For each domain, which of the seed's series of random numbers
            its order, crops and flips follow from.
        image_size: As of `unpaired_dataset`, like the rest, but for
        augmentation: From the batches of the domains to others of the same kind.
    """

    def __init__(
        self,
        domains: Sequence[Images],
        *,
        random_streams: Sequence[int],
        image_size: ImageSize,
        framing: str,
        batch_size: int,
        seed: int,
        first_epoch: int,
        augmentation: Callable | None,
        cache_mebibytes: float,
        image_augmentation: Callable | None,
    ):
        sizes = [len(images) for images in domains]
        super().__init__(sizes, random_streams, batch_size, seed, first_epoch)
        self._records = [images.records for images in domains]
        self._loaders = [array_loader(images.load) for images in domains]
        self._image_size = image_size
        self._framing = framing
        self._augmentation = augmentation
        self._image_augmentation = image_augmentation
        shapes = [(*enlarged_size(image_size), images.channels) for images in domains]
        rooms = cache_rooms(sizes, shapes, cache_mebibytes)
        self._caches = list(map(ArrayCache, sizes, shapes, rooms))

    def plan(self, epoch: int) -> list[_DomainPlan]:
        plans = []
        for stream, order in zip(self.random_streams, self.orders(epoch), strict=True):
            domain_seed = epoch_seed(self.seed, stream, epoch)
            seeds = fold_in(domain_seed, np.arange(len(order)))
            crops = draw_crops(seeds, self._image_size)
            plans.append(_DomainPlan(order, seeds, crops))
        return plans

    def batch(self, plan: list[_DomainPlan], places: slice) -> tuple[Any, Any]:
        images = [
            self._images(domain, domain_plan.at(places))
            for domain, domain_plan in enumerate(plan)
        ]
        if self._augmentation is not None:
            images = list(map(_array, self._augmentation(*images)))
        return as_pair(*images)

    def _images(self, domain: int, plan: _DomainPlan) -> np.ndarray:
        enlarged = [self._enlarged(domain, index) for index in plan.order.tolist()]
        images = crop_and_flip_arrays(enlarged, self._image_size, plan.crops)
        if self._image_augmentation is None:
            return images
        # Other seeds than those of the crops, which these numbers must not follow.
        return np.stack(
            [
                _array(self._image_augmentation(image, fold_in(seed, 0)))
                for image, seed in zip(images, plan.seeds, strict=True)
            ]
        )

    def _enlarged(self, domain: int, index: int) -> np.ndarray:
        make = functools.partial(self._load, domain, index)
        return self._caches[domain].get(index, make)

    def _load(self, domain: int, index: int) -> np.ndarray:
        image = self._loaders[domain](self._records[domain][index])
        return enlarge_array(image, self._image_size, self._framing)


def _array(images: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(images)
