"""The pipeline of training images without TensorFlow."""

import functools
from typing import Any, NamedTuple

import keras
import numpy as np

from crd_keras.data.array_cache import ArrayCache
from crd_keras.data.augmentation import (
    Crops,
    crop_and_flip_arrays,
    draw_crops,
    enlarge_array,
)
from crd_keras.data.epochs import epoch_seed
from crd_keras.data.loader import array_loader
from crd_keras.data.pair_dataset import PairDataset, as_pair
from crd_keras.data.philox import fold_in
from crd_keras.data.training_images import TrainingImages


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
        images: The images.
    """

    def __init__(self, images: TrainingImages):
        super().__init__(
            images.counts,
            images.random_streams,
            images.batch_size,
            images.seed,
            images.first_epoch,
        )
        self._images = images
        self._loaders = [array_loader(domain.load) for domain in images.domains]
        self._caches = images.make_caches(ArrayCache)

    def plan(self, epoch: int) -> list[_DomainPlan]:
        plans = []
        for stream, order in zip(self.random_streams, self.orders(epoch), strict=True):
            domain_seed = epoch_seed(self.seed, stream, epoch)
            seeds = fold_in(domain_seed, np.arange(len(order)))
            crops = draw_crops(seeds, self._images.image_size)
            plans.append(_DomainPlan(order, seeds, crops))
        return plans

    def batch(self, plan: list[_DomainPlan], places: slice) -> tuple[Any, Any]:
        images = [
            self._domain_batch(domain, domain_plan.at(places))
            for domain, domain_plan in enumerate(plan)
        ]
        if self._images.augmentation is not None:
            images = list(map(_array, self._images.augmentation(*images)))
        return as_pair(*images)

    def _domain_batch(self, domain: int, plan: _DomainPlan) -> np.ndarray:
        enlarged = [self._enlarged(domain, index) for index in plan.order.tolist()]
        images = crop_and_flip_arrays(enlarged, self._images.image_size, plan.crops)
        augmentation = self._images.image_augmentation
        if augmentation is None:
            return images
        # Other seeds than those of the crops, which these numbers must not follow.
        return np.stack(
            [
                _array(augmentation(image, fold_in(seed, 0)))
                for image, seed in zip(images, plan.seeds, strict=True)
            ]
        )

    def _enlarged(self, domain: int, index: int) -> np.ndarray:
        make = functools.partial(self._load, domain, index)
        return self._caches[domain].get(index, make)

    def _load(self, domain: int, index: int) -> np.ndarray:
        image = self._loaders[domain](self._images.domains[domain].records[index])
        return enlarge_array(image, self._images.image_size, self._images.framing)


def _array(images: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(images)
