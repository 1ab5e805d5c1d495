"""Networks and images that are small enough for a test, the same on each backend."""

import numpy as np

from crd_keras import CRDTrainer, gans, losses, models

SIZE = 16


def images(count: int, seed: int) -> np.ndarray:
    """Random images `(count, SIZE, SIZE, 3)` in [-1, 1]."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, SIZE, SIZE, 3)).astype("float32")


def generator(filters: int, seed: int):
    return models.mobile_resnet_generator(filters=filters, blocks=1, seed=seed)


def discriminator(seed: int, norm: str = "instance"):
    return models.patch_discriminator(filters=4, layers=1, norm=norm, seed=seed)


def teacher(norm: str = "instance", **arguments) -> gans.CycleGAN:
    return gans.CycleGAN(
        generator(8, seed=1),
        generator(8, seed=2),
        discriminator(3, norm),
        discriminator(4, norm),
        **{"pool_size": 8, "seed": 0, **arguments},
    )


def trainer(norm: str = "instance", compiled: bool = True, **arguments) -> CRDTrainer:
    """A trainer with the content-relation loss only, unless told otherwise."""
    distillation = {"relation": losses.ContentRelationLoss(patch_size=8)}
    result = CRDTrainer(
        teacher(norm),
        generator(4, seed=5),
        **{"distillation_losses": distillation, **arguments},
    )
    if compiled:
        result.compile()
    return result
