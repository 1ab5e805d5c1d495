"""The benchmarks' peer computes what crd_keras computes."""

import numpy as np
import pytest
import torch
from benchmarks.plain_pytorch.program import PlainProgram
from benchmarks.step_programs import make_trainer

from tests.models.torch_reference import copy_weights

pytestmark = pytest.mark.any_backend

NETWORKS = {
    "teacher_filters": 8,
    "student_filters": 4,
    "blocks": 1,
    "discriminator_filters": 4,
    "vgg_blocks": 2,
    "patch_size": 8,
}


@pytest.fixture(scope="module")
def programs():
    """Both with the same weights."""
    trainer = make_trainer("joint", **NETWORKS)
    teacher, perceptual = (
        trainer.teacher,
        trainer.students["student"].loss.losses["perceptual"],
    )
    with torch.device("cpu"):
        plain = PlainProgram(**NETWORKS)
    for ours, theirs in (
        (teacher.generator, plain.generator),
        (teacher.inverse_generator, plain.inverse_generator),
        (teacher.discriminator, plain.discriminator),
        (teacher.inverse_discriminator, plain.inverse_discriminator),
        (trainer.student, plain.student),
        (perceptual.features, plain.features),
    ):
        copy_weights(ours, theirs)
    return trainer, plain


def test_same_losses(programs):
    trainer, plain = programs
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (2, 2, 32, 32, 3)).astype("float32")
    losses = trainer.evaluate(*images, batch_size=2, verbose=0, return_dict=True)
    losses["relation"] = sum(
        weight * losses[f"{content}_{name}"]
        for content in ("row", "column", "patch")
        for name, weight in (("distance", 1), ("angle", 2))
    )

    source, target = torch.from_numpy(images.transpose(0, 1, 4, 2, 3).copy())
    with torch.no_grad():
        terms, fake_target, fake_source = plain.generator_terms(source, target)
        expected = (
            terms
            | plain.discriminator_terms(source, target, fake_source, fake_target)
            | plain.student_terms(fake_target, plain.student(source))
        )
    for name, loss in expected.items():
        assert loss > 1e-4
        assert losses[name] == pytest.approx(loss.item(), rel=1e-4), name


def test_steps(programs):
    """Each updates the networks that it should, and not the others."""
    _, plain = programs
    images = torch.rand(1, 3, 32, 32) * 2 - 1

    def parameters(*networks):
        return [p.detach().clone() for n in networks for p in n.parameters()]

    def changed(before, *networks):
        after = parameters(*networks)
        return [not torch.equal(p, q) for p, q in zip(before, after, strict=True)]

    teacher = plain.generator, plain.inverse_generator
    discriminators = plain.discriminator, plain.inverse_discriminator
    for step, networks, others in (
        (
            lambda: plain.teacher_step(images, -images),
            (*teacher, *discriminators),
            (plain.student, plain.features),
        ),
        (
            lambda: plain.student_step(images),
            (plain.student,),
            (*teacher, *discriminators, plain.features),
        ),
    ):
        before, before_others = parameters(*networks), parameters(*others)
        losses = step()
        assert all(np.isfinite(loss) for loss in losses.values())
        assert all(changed(before, *networks))
        assert not any(changed(before_others, *others))
