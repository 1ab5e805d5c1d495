"""Adversarial losses on the outputs of a discriminator."""

import abc
from collections.abc import Callable

import keras
from keras import KerasTensor, ops


class AdversarialLoss(abc.ABC):
    """The two sides of a GAN loss.

    Discriminator outputs are of any shape `(batch, ...)`, without an activation; each
    result is their mean over everything, a scalar.
    """

    @abc.abstractmethod
    def discriminator_loss(self, real: KerasTensor, fake: KerasTensor) -> KerasTensor:
        """What the discriminator minimises, from its outputs for real and fake."""

    @abc.abstractmethod
    def generator_loss(self, fake: KerasTensor) -> KerasTensor:
        """What the generator minimises, from the discriminator's outputs for fakes."""

    def get_config(self) -> dict:
        return {}

    @classmethod
    def from_config(cls, config: dict) -> "AdversarialLoss":
        return cls(**config)


@keras.saving.register_keras_serializable(package="crd_keras")
class LeastSquaresLoss(AdversarialLoss):
    """`((D(real) - 1)^2 + D(fake)^2) / 2` and `(D(fake) - 1)^2`.

    CycleGAN uses it.

    Reference:

    - [Least Squares Generative Adversarial Networks](
      https://arxiv.org/abs/1611.04076), arXiv:1611.04076
    """

    def discriminator_loss(self, real: KerasTensor, fake: KerasTensor) -> KerasTensor:
        return (ops.mean(ops.square(real - 1)) + ops.mean(ops.square(fake))) / 2

    def generator_loss(self, fake: KerasTensor) -> KerasTensor:
        return ops.mean(ops.square(fake - 1))


@keras.saving.register_keras_serializable(package="crd_keras")
class HingeLoss(AdversarialLoss):
    """`(max(0, 1 - D(real)) + max(0, 1 + D(fake))) / 2` and `-D(fake)`.

    The paper uses it for Pix2Pix.

    Reference:

    - [Geometric GAN](https://arxiv.org/abs/1705.02894), arXiv:1705.02894
    """

    def discriminator_loss(self, real: KerasTensor, fake: KerasTensor) -> KerasTensor:
        return (ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake))) / 2

    def generator_loss(self, fake: KerasTensor) -> KerasTensor:
        return -ops.mean(fake)


@keras.saving.register_keras_serializable(package="crd_keras")
class VanillaLoss(AdversarialLoss):
    """Binary cross-entropy on logits, in the non-saturating form.

    Reference:

    - [Generative Adversarial Networks](https://arxiv.org/abs/1406.2661),
      arXiv:1406.2661
    """

    def discriminator_loss(self, real: KerasTensor, fake: KerasTensor) -> KerasTensor:
        return (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))) / 2

    def generator_loss(self, fake: KerasTensor) -> KerasTensor:
        return ops.mean(ops.softplus(-fake))


_BY_NAME: dict[str, Callable[[], AdversarialLoss]] = {
    "least_squares": LeastSquaresLoss,
    "hinge": HingeLoss,
    "vanilla": VanillaLoss,
}


def get_adversarial_loss(identifier: str | AdversarialLoss) -> AdversarialLoss:
    """The adversarial loss for a name or an instance.

    Args:
        identifier: `"least_squares"`, `"hinge"`, `"vanilla"` or an `AdversarialLoss`.

    Raises:
        ValueError: If it is neither.
    """
    if isinstance(identifier, AdversarialLoss):
        return identifier
    if identifier not in _BY_NAME:
        raise ValueError(
            f"`adversarial_loss` must be one of {tuple(_BY_NAME)} or an instance of "
            f"AdversarialLoss. Received: adversarial_loss={identifier!r}"
        )
    return _BY_NAME[identifier]()
