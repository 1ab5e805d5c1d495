"""Networks and images that are small enough for a test, the same on each backend."""

import keras
import numpy as np

from crd_keras import CRDTrainer, gans, losses, models
from crd_keras.layers import InstanceNormalization
from crd_keras.models.seeds import SeededNormal

SIZE = 16


def images(count: int, seed: int) -> np.ndarray:
    """Random images `(count, SIZE, SIZE, 3)` in [-1, 1]."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, SIZE, SIZE, 3)).astype("float32")


def generator(filters: int, seed: int) -> keras.Model:
    """Two convolutions, which compile in no time; sizes divisible by 2."""
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(
        filters,
        2,
        strides=2,
        kernel_initializer=SeededNormal(0.1, seed),
        name="down",
    )(inputs)
    x = keras.layers.Activation("relu")(InstanceNormalization()(x))
    outputs = keras.layers.Conv2DTranspose(
        3,
        2,
        strides=2,
        activation="tanh",
        kernel_initializer=SeededNormal(0.1, seed + 100),
    )(x)
    return keras.Model(inputs, outputs)


def discriminator(seed: int, norm: str = "instance") -> keras.Model:
    return models.patch_discriminator(filters=4, layers=1, norm=norm, seed=seed)


def teacher(norm: str = "instance", **arguments) -> gans.CycleGAN:
    return gans.CycleGAN(
        generator(8, seed=1),
        generator(8, seed=2),
        discriminator(3, norm),
        discriminator(4, norm),
        **{"pool_size": 8, "seed": 0, **arguments},
    )


def paired_teacher(norm: str = "instance") -> gans.Pix2Pix:
    """Half as many networks as `teacher` has."""
    discriminator = models.patch_discriminator(
        (None, None, 6), filters=4, layers=1, norm=norm, seed=3
    )
    return gans.Pix2Pix(generator(8, seed=1), discriminator)


def trainer(
    norm: str = "instance", compiled: bool = True, paired: bool = False, **arguments
) -> CRDTrainer:
    """A trainer with the relations of rows only, unless told otherwise.

    `paired` takes half the time, where nothing depends on the teacher.
    """
    distillation = {"relation": losses.ContentRelationLoss("row")}
    result = CRDTrainer(
        paired_teacher(norm) if paired else teacher(norm),
        generator(4, seed=5),
        **{"distillation_losses": distillation, **arguments},
    )
    if compiled:
        result.compile()
    return result
