"""The two programs whose training steps are compared."""

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from crd_keras import CRDTrainer, Student, gans, losses, models
from crd_keras.schedules import Joint, Phased, StudentOnly

# What the students of a family differ in.
_SIZES = (1, 0.75, 0.5, 1.5)
_RELATION_WEIGHTS = (25.0, 5.0, 125.0)

_SCHEDULES = {"teacher": Phased, "student": StudentOnly, "joint": Joint}


def make_trainer(
    step: str,
    teacher_filters: int,
    student_filters: int,
    blocks: int,
    discriminator_filters: int,
    vgg_blocks: int,
    patch_size: int,
    students: int = 1,
    **compile_arguments: Any,
) -> CRDTrainer:
    """A compiled trainer whose first epoch consists of such steps.

    Args:
        step: "teacher", "student" or "joint".
        teacher_filters: The networks of the paper, but for their sizes.
        students: How many students. Of several the first one is that of one; the
            others differ from it in filters and in the weight of the relations.
        compile_arguments: Those of `CRDTrainer.compile`.
    """

    def generator(filters):
        return models.mobile_resnet_generator(filters=filters, blocks=blocks)

    def discriminator():
        return models.patch_discriminator(filters=discriminator_filters)

    def family():
        weights = itertools.product(_RELATION_WEIGHTS, _SIZES)
        return {
            f"student{number}": Student(
                generator(max(1, round(size * student_filters))),
                distillation_loss_weights={"relation": weight},
            )
            for number, (weight, size) in enumerate(
                itertools.islice(itertools.cycle(weights), students)
            )
        }

    teacher = gans.CycleGAN(
        generator(teacher_filters),
        generator(teacher_filters),
        discriminator(),
        discriminator(),
    )
    features = models.vgg16_features(weights=None, blocks=vgg_blocks)
    trainer = CRDTrainer(
        teacher,
        generator(student_filters) if students == 1 else family(),
        distillation_losses={
            "relation": losses.ContentRelationLoss(patch_size=patch_size),
            "perceptual": losses.PerceptualLoss(features),
        },
        schedule=_SCHEDULES[step](),
    )
    trainer.compile(**compile_arguments)
    return trainer


def _crd_keras(step, source, target, **networks) -> Callable[[], dict]:
    trainer = make_trainer(step, **networks)
    # Returns numbers: a device has then finished.
    return lambda: trainer.train_on_batch(source, target, return_dict=True)


def _plain_pytorch(step, source, target, **networks) -> Callable[[], dict]:
    import torch
    from benchmarks.plain_pytorch.program import PlainProgram

    device = "cuda" if torch.cuda.is_available() else "cpu"
    program = PlainProgram(**networks, device=device)
    source, target = (
        torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).to(device)
        for images in (source, target)
    )
    return {
        "teacher": lambda: program.teacher_step(source, target),
        "student": lambda: program.student_step(source),
        "joint": lambda: (
            program.teacher_step(source, target) | program.student_step(source)
        ),
    }[step]


def _warm_up_keras():
    images = keras.ops.ones((1, 8, 8, 3))
    keras.ops.convert_to_numpy(keras.ops.conv(images, keras.ops.ones((3, 3, 3, 4))))


def _warm_up_torch():
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    images = torch.ones((1, 3, 8, 8), device=device)
    torch.nn.functional.conv2d(images, torch.ones((4, 3, 3, 3), device=device)).cpu()


# What makes the function of one step, and what sets the backend up on something small.
PROGRAMS = {
    "crd_keras": (_crd_keras, _warm_up_keras),
    "plain_pytorch": (_plain_pytorch, _warm_up_torch),
}
