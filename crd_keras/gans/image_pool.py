"""A memory of images that were generated earlier."""

from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.utils.validation import check_at_least


@keras.saving.register_keras_serializable(package="crd_keras")
class ImagePool(keras.layers.Layer):
    """Replaces about half of the images by ones that it was given earlier.

    Until it is full the pool keeps each image and returns it. After that an image is
    returned as it came or, with probability 1/2, exchanged for a random kept one. A
    discriminator that is trained on the result also sees earlier fakes.

    The images and the state of the random numbers are variables of the layer. So a
    checkpoint holds them, and a resumed training has the numbers of an uninterrupted
    one.

    Args:
        size: How many images to keep. 0 turns the pool off.
        seed: Seed of the exchanges.
        name: Name of the layer.

    Call with images of any one shape, `(batch, ...)`, and get as many back.

    Raises:
        ValueError: If `size` is negative, or (when called) if the images are not of
            the shape that the pool was built for, or more than `size`.

    Reference:

    - [Learning from Simulated and Unsupervised Images through Adversarial Training](
      https://arxiv.org/abs/1612.07828), arXiv:1612.07828
    """

    def __init__(self, size: int = 50, seed: int | None = None, name: str = "pool"):
        super().__init__(name=name, trainable=False, dtype="float32")
        check_at_least(0, size=size)
        self.size = size
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._check_batch(input_shape[0])
        if self.size:
            self.images = self.add_weight(
                shape=(self.size, *input_shape[1:]),
                initializer="zeros",
                trainable=False,
                name="images",
            )
            self.count = self.add_weight(
                shape=(),
                initializer="zeros",
                dtype="int32",
                trainable=False,
                name="count",
            )

    def call(self, inputs: KerasTensor) -> KerasTensor:
        if not self.size:
            return inputs
        if inputs.shape[1:] != self.images.shape[1:]:
            raise ValueError(
                "`inputs` must have the shape that the pool was built for, "
                f"{tuple(self.images.shape[1:])}. Received: {tuple(inputs.shape[1:])}"
            )
        # Devices that train side by side keep the same pool and draw the same numbers,
        # so that each looks at all images and takes its part of the result.
        inputs = backend.gather_batch(inputs)
        self._check_batch(inputs.shape[0])
        batch = ops.shape(inputs)[0]
        free = self.count + ops.arange(batch, dtype="int32")
        is_free = free < self.size
        # Kept images in random order, then the free places: as many as the batch can
        # ask for once it has filled those, and no place is taken twice.
        order = keras.random.uniform((self.size,), seed=self.seed_generator)
        order += ops.cast(ops.arange(self.size) >= self.count, order.dtype)
        kept = ops.cast(ops.argsort(order), "int32")
        kept = ops.take(kept, ops.maximum(free - self.size, 0), axis=0)
        place = ops.where(is_free, free, kept)
        exchange = keras.random.uniform((batch,), seed=self.seed_generator) < 0.5

        old = ops.take(self.images, place, axis=0)
        returned = ops.where(_column(exchange & ~is_free, inputs), old, inputs)
        stored = ops.where(_column(exchange | is_free, inputs), inputs, old)
        self.images.assign(ops.scatter_update(self.images, place[:, None], stored))
        self.count.assign(ops.minimum(self.count + batch, self.size))
        return backend.own_part(returned)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def _check_batch(self, count):
        if self.size and count is not None and count > self.size:
            raise ValueError(
                "`inputs` must hold at most as many images as the pool, "
                f"{self.size}. Received: a batch of {count}"
            )

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        # Keras leaves the state of random numbers out.
        store["seed"] = self.seed_generator.state

    def load_own_variables(self, store: Any) -> None:
        self.seed_generator.state.assign(store["seed"])
        super().load_own_variables({k: store[k] for k in store.keys() if k != "seed"})

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ImagePool":
        return cls(size=config["size"], seed=config["seed"], name=config["name"])


def _column(mask, images):
    """A mask `(batch,)` that broadcasts over images."""
    return ops.reshape(mask, (-1,) + (1,) * (len(images.shape) - 1))
