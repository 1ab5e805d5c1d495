"""The two training steps: of the CycleGAN teacher and of its student."""

import itertools

import torch
import torch.nn.functional as F
from benchmarks.plain_pytorch.image_pool import ImagePool
from benchmarks.plain_pytorch.losses import (
    least_squares,
    perceptual_loss,
    relation_loss,
)
from benchmarks.plain_pytorch.networks import (
    VGG16Features,
    patch_discriminator,
    resnet_generator,
)
from torch import Tensor, nn


class PlainProgram:
    """CycleGAN teacher, student, losses and optimizers with the paper's weights.

    Images are `(batch, 3, H, W)` in [-1, 1].
    """

    def __init__(
        self,
        teacher_filters: int = 64,
        student_filters: int = 16,
        blocks: int = 9,
        discriminator_filters: int = 64,
        vgg_blocks: int = 4,
        patch_size: int = 32,
        device: str = "cpu",
    ):
        def generator(filters):
            return resnet_generator(filters, blocks, mobile=True).to(device)

        def discriminator():
            return patch_discriminator(discriminator_filters).to(device)

        self.patch_size = patch_size
        self.generator = generator(teacher_filters)
        self.inverse_generator = generator(teacher_filters)
        self.discriminator = discriminator()
        self.inverse_discriminator = discriminator()
        self.student = generator(student_filters)
        self.features = VGG16Features(vgg_blocks).to(device).requires_grad_(False)
        self.pool, self.inverse_pool = ImagePool(50), ImagePool(50)
        self.generator_optimizer = _adam(self.generator, self.inverse_generator)
        self.discriminator_optimizer = _adam(
            self.discriminator, self.inverse_discriminator
        )
        self.student_optimizer = _adam(self.student)

    def teacher_step(self, source: Tensor, target: Tensor) -> dict[str, float]:
        """Updates the teacher. Returns its losses by name."""
        self._freeze_discriminators(True)
        terms, fake_target, fake_source = self.generator_terms(source, target)
        _update(self.generator_optimizer, terms["teacher_loss"])

        self._freeze_discriminators(False)
        discriminator_terms = self.discriminator_terms(
            source,
            target,
            self.inverse_pool(fake_source.detach()),
            self.pool(fake_target.detach()),
        )
        _update(self.discriminator_optimizer, sum(discriminator_terms.values()))
        return _numbers(terms | discriminator_terms)

    def generator_terms(
        self, source: Tensor, target: Tensor
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """The generators' loss and its terms, and the images of both."""
        fake_target = self.generator(source)
        fake_source = self.inverse_generator(target)
        terms = {
            "teacher_adversarial": least_squares(self.discriminator(fake_target), True),
            "teacher_inverse_adversarial": least_squares(
                self.inverse_discriminator(fake_source), True
            ),
            "teacher_cycle": F.l1_loss(self.inverse_generator(fake_target), source),
            "teacher_inverse_cycle": F.l1_loss(self.generator(fake_source), target),
            "teacher_identity": F.l1_loss(self.generator(target), target),
            "teacher_inverse_identity": F.l1_loss(
                self.inverse_generator(source), source
            ),
        }
        terms["teacher_loss"] = (
            terms["teacher_adversarial"]
            + terms["teacher_inverse_adversarial"]
            + 10 * (terms["teacher_cycle"] + terms["teacher_inverse_cycle"])
            + 5 * (terms["teacher_identity"] + terms["teacher_inverse_identity"])
        )
        return terms, fake_target, fake_source

    def discriminator_terms(
        self, source: Tensor, target: Tensor, fake_source: Tensor, fake_target: Tensor
    ) -> dict[str, Tensor]:
        """The discriminators' losses, whose sum they minimise."""
        return {
            "discriminator": _discriminator_loss(
                self.discriminator, target, fake_target
            ),
            "inverse_discriminator": _discriminator_loss(
                self.inverse_discriminator, source, fake_source
            ),
        }

    def student_step(self, source: Tensor) -> dict[str, float]:
        """Updates the student. Returns its losses by name."""
        self._freeze_discriminators(True)
        with torch.no_grad():
            teacher_images = self.generator(source)
        terms = self.student_terms(teacher_images, self.student(source))
        _update(self.student_optimizer, terms["loss"])
        return _numbers(terms)

    def student_terms(
        self, teacher_images: Tensor, student_images: Tensor
    ) -> dict[str, Tensor]:
        """The student's loss and its terms."""
        style, feature = perceptual_loss(self.features, teacher_images, student_images)
        relation = relation_loss(teacher_images, student_images, self.patch_size)
        adversarial = least_squares(self.discriminator(student_images), True)
        return {
            "relation": relation,
            "style": style,
            "feature": feature,
            "adversarial": adversarial,
            "loss": 25 * relation + 1e4 * style + 10 * feature + adversarial,
        }

    def _freeze_discriminators(self, frozen: bool) -> None:
        for network in (self.discriminator, self.inverse_discriminator):
            network.requires_grad_(not frozen)


def _adam(*networks: nn.Module) -> torch.optim.Optimizer:
    parameters = itertools.chain(*(network.parameters() for network in networks))
    return torch.optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999))


def _discriminator_loss(network: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    real_loss = least_squares(network(real), True)
    return (real_loss + least_squares(network(fake), False)) / 2


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _numbers(terms: dict[str, Tensor]) -> dict[str, float]:
    # A device has then finished.
    return {name: term.item() for name, term in terms.items()}
