"""Batches of images by domain without TensorFlow, for `fit` on every backend."""

import abc
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from crd_keras.data.epochs import epoch_order, epoch_seed, epoch_steps
from crd_keras.utils.validation import check_at_least


def as_pair(source: Any, *targets: Any) -> tuple[Any, Any]:
    """The `x` and `y` of a batch, of its images by domain, the source's first."""
    return source, targets[0] if len(targets) == 1 else targets


class PairDataset(keras.utils.PyDataset, abc.ABC):
    """Batches of two domains or more, of which each epoch has its own order.

    One pass is one epoch. The first pass is epoch `first_epoch`, each later pass is the
    next epoch. A pass counts also when it is left early.

    Each batch follows from the seed, the epoch and the batch's number, and from nothing
    else. So `workers`, `use_multiprocessing` and `max_queue_size`, attributes of each
    `keras.utils.PyDataset` that may be set, change nothing that is seen.

    Args:
        sizes: Number of images of each domain.
        random_streams: For each domain, which of the seed's series of random numbers
            its order follows from. Domains of the same one have the same order.
        batch_size: Images of each domain in a batch.
        seed: Another seed gives other orders.
        first_epoch: Number of the first pass.

    Raises:
        ValueError: If `batch_size` is not positive or larger than the larger domain, or
            `seed` or `first_epoch` is negative.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        random_streams: Sequence[int],
        batch_size: int,
        seed: int,
        first_epoch: int,
    ):
        super().__init__()
        self._steps = epoch_steps(sizes, batch_size)
        check_at_least(0, seed=seed, first_epoch=first_epoch)
        self.sizes = tuple(sizes)
        self.random_streams = tuple(random_streams)
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = first_epoch
        self._has_begun = False
        self._planned: tuple[int | None, Any] = (None, None)

    @abc.abstractmethod
    def plan(self, epoch: int) -> Any:
        """What is drawn for an epoch, whose number counts from 0."""

    @abc.abstractmethod
    def batch(self, plan: Any, places: slice) -> tuple[Any, Any]:
        """The images of the domains at some places of an epoch, as `as_pair` has them.

        Args:
            plan: What `plan` has given for the epoch.
            places: Which of the epoch's images.

        Returns:
            float32 arrays, `(batch, height, width, channels)` in [-1, 1].
        """

    def orders(self, epoch: int) -> list[np.ndarray]:
        """Indices of each domain's images in an epoch."""
        length = self._steps * self.batch_size
        return [
            epoch_order(size, length, epoch_seed(self.seed, stream, epoch))
            for size, stream in zip(self.sizes, self.random_streams, strict=True)
        ]

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        start = range(self._steps)[index] * self.batch_size
        epoch, (planned_epoch, plan) = self.epoch, self._planned
        if planned_epoch != epoch:
            plan = self.plan(epoch)
            # In one piece, as several threads may ask for batches.
            self._planned = epoch, plan
        return self.batch(plan, slice(start, start + self.batch_size))

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        self.on_epoch_begin()
        try:
            yield from super().__iter__()
        finally:
            self.on_epoch_end()

    def on_epoch_begin(self) -> None:
        self._has_begun = True

    def on_epoch_end(self) -> None:
        # Keras calls it before the first epoch as well.
        if self._has_begun:
            self.epoch += 1
            self._has_begun = False
