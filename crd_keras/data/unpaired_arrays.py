"""Batches of two unpaired arrays."""

from typing import Any

import keras
import numpy as np

from crd_keras.data.pair_dataset import PairDataset, as_pair
from crd_keras.utils.validation import check_whole


def unpaired_arrays(
    source_images: Any,
    target_images: Any,
    batch_size: int = 1,
    seed: int = 0,
    first_epoch: int = 0,
    taught_images: Any = None,
) -> PairDataset:
    """Training batches of two unpaired domains in arrays, for `fit` on every backend.

    The arrays may have different lengths. One pass is one epoch, as it is of
    `unpaired_dataset`: each image of the larger domain once, with what does not fill a
    batch left out, beside the images of the smaller domain, which is gone through as
    often as needed, each time in a new order. The images come as they are.

    Each order follows from the seed and the epoch. The first pass is epoch
    `first_epoch`, each later pass is the next epoch: a training resumed at epoch k sees
    what an uninterrupted one sees from there on. A pass counts also when it is left
    early. (`fit` must not have `steps_per_epoch`: its epochs would be others.)

    TensorFlow is not needed.

    Args:
        source_images: Images of the source domain, `(count, height, width, channels)`
            in [-1, 1]: an array of any framework, or whatever has a length and gives
            an image for an integer, such as a list or a data set of h5py. Images are
            taken when they are needed.
        target_images: The same of the target domain. All images have one shape.
        batch_size: Images of each domain in a batch.
        seed: Another seed gives other orders.
        first_epoch: Number of the first pass, such as that of
            `crd_keras.callbacks.Checkpoint`, `checkpoint.first_epoch()`.
        taught_images: What a teacher has made of the source images, one of each in
            their order, for a `crd_keras.gans.StoredTeacher`.

    Returns:
        A `keras.utils.PyDataset` of `(source_images, target_images)`, all float32 of
        shape (batch_size, height, width, channels); with a teacher's images of
        `(source_images, (taught_images, target_images))`.

    Raises:
        ValueError: If the images of a domain have no length or no integer indices, are
            none, or not of the shape that the first source image has, or that is not
            (height, width, channels). If `taught_images` are not as many as
            `source_images`. If `batch_size` is not positive or larger than the larger
            domain, or `seed` or `first_epoch` is negative. Images after the first are
            looked at when they are taken.

    Example:

    ```python
    trainer.fit(data.unpaired_arrays(horses, zebras, batch_size=4), epochs=100)
    ```
    """
    check_whole(1, batch_size=batch_size)
    check_whole(0, seed=seed, first_epoch=first_epoch)
    source = _Domain("source_images", source_images)
    target = _Domain("target_images", target_images, source.shape)
    domains, random_streams = [source, target], [0, 1]
    if taught_images is not None:
        taught = _Domain("taught_images", taught_images, source.shape)
        if len(taught) != len(source):
            raise ValueError(
                "`taught_images` must be one image for each of `source_images`. "
                f"Received: {len(taught)} for {len(source)}"
            )
        domains.insert(1, taught)
        random_streams.insert(1, random_streams[0])  # The same order.
    return _UnpairedArrays(domains, random_streams, batch_size, seed, first_epoch)


class _Domain:
    """Images of one shape, by default that of the first."""

    def __init__(self, argument: str, images: Any, shape: tuple[int, ...] = ()):
        self._argument, self._images = argument, images
        if not (hasattr(images, "__len__") and hasattr(images, "__getitem__")):
            raise ValueError(
                f"`{argument}` must be an array, or have a length and give an image "
                f"for an integer. Received: {type(images).__name__}"
            )
        if len(images) == 0:
            raise ValueError(f"`{argument}` must be at least one image. Received: 0")
        self.shape = shape or self._image(0).shape
        if len(self.shape) != 3:
            raise ValueError(
                f"`{argument}` must be images of shape (height, width, channels). "
                f"Received: a first image of shape {self.shape}"
            )
        self.take([0])

    def __len__(self) -> int:
        return len(self._images)

    def take(self, indices: list[int]) -> np.ndarray:
        return np.stack([self._checked(index) for index in indices])

    def _checked(self, index):
        image = self._image(index)
        if image.shape != self.shape:
            raise ValueError(
                f"`{self._argument}` must be images of the shape that the first of "
                f"`source_images` has, {self.shape}. "
                f"Received: {image.shape} of image {index}"
            )
        return image

    def _image(self, index):
        return keras.ops.convert_to_numpy(self._images[index]).astype("float32")


class _UnpairedArrays(PairDataset):
    """The batches of `unpaired_arrays`."""

    def __init__(
        self,
        domains: list[_Domain],
        random_streams: list[int],
        batch_size: int,
        seed: int,
        first_epoch: int,
    ):
        sizes = [len(domain) for domain in domains]
        super().__init__(sizes, random_streams, batch_size, seed, first_epoch)
        self._domains = domains

    def plan(self, epoch: int) -> list[np.ndarray]:
        return self.orders(epoch)

    def batch(self, plan: list[np.ndarray], places: slice) -> tuple[Any, Any]:
        return as_pair(
            *(
                domain.take(order[places].tolist())
                for domain, order in zip(self._domains, plan, strict=True)
            )
        )
