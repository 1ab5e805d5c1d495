"""The networks and losses of an experiment, from its settings."""

from typing import Any

import keras
import numpy as np

from crd_keras import CRDTrainer, Student, gans, interop, models, schedules
from crd_keras.experiment.distillation import (
    Sources,
    has_perceptual_features,
    make_distillation,
)
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.students import is_family, students_of
from crd_keras.utils.channels import parse_channels
from crd_keras.utils.image_size import image_sides


def make_generator(
    settings: Settings, filters: int, seed: int | None = None, inverse: bool = False
) -> keras.Model:
    """A generator: the teacher's and the student's differ in `filters` only.

    Args:
        settings: The settings.
        filters: Filters of the first layer.
        seed: Seed of the weights.
        inverse: Whether it makes source images of target images.
    """
    taken, given = parse_channels(settings.channels)[:: -1 if inverse else 1]
    shapes: dict[str, Any] = {
        "input_shape": (None, None, taken),
        "output_channels": given,
    }
    if settings.generator == "unet":
        return models.unet_generator(
            **shapes,
            filters=filters,
            downs=settings.downs,
            upsampling=settings.upsampling,
            seed=seed,
        )
    builders = {
        "mobile_resnet": models.mobile_resnet_generator,
        "resnet": models.resnet_generator,
    }
    build = builders[settings.generator]
    return build(
        **shapes,
        filters=filters,
        blocks=settings.blocks,
        upsampling=settings.upsampling,
        seed=seed,
    )


def original_generator(settings: Settings) -> str:
    """Architecture of the generator as its authors have published it.

    The teacher of CycleGAN is a lighter one. Those of Pix2Pix are the original.
    """
    return "resnet" if settings.gan == "cycle_gan" else settings.generator


def make_trainer(settings: Settings) -> CRDTrainer:
    """The teacher, the students and what they learn from.

    All students start from the same seed, so that each is as it would be alone.

    Raises:
        ValueError: If a setting cannot be, or weights are not what they should be.
        OSError: If weights cannot be had.
    """
    # Networks with seeds of their own, none in common with the next run's.
    seeds = [int(s) for s in np.random.SeedSequence(settings.seed).generate_state(6)]
    _check_fixed_teacher(settings)
    teacher = _teacher(settings, seeds[:4])
    if settings.teacher_weights is not None:
        try:
            interop.load_weights(teacher.generator, settings.teacher_weights)
        except (OSError, ValueError) as error:
            raise ValueError(f"`--teacher_weights`: {error}") from error
    sources = Sources(settings, seeds[5])
    students = {
        name: _student(of_student, seeds, sources)
        for name, of_student in students_of(settings).items()
    }
    trainer = CRDTrainer(
        teacher,
        students if is_family(settings) else students["student"],
        discriminator_regime=settings.discriminator_regime,
        discriminator_weights=settings.discriminator_weights,
        schedule=_schedule(settings),
    )
    height, width = image_sides(settings.image_size)
    source_channels, _ = parse_channels(settings.channels)
    try:
        trainer.build((settings.batch_size, height, width, source_channels))
    except ValueError as error:
        raise ValueError(
            "`--image_size`, and `--batch_size`, must fit the networks and the losses "
            f"(--discriminator_layers, --downs, --patch_size ...): {error}"
        ) from error
    return trainer


def describe_networks(settings: Settings) -> dict[str, str]:
    """What stands behind the losses, in words, for the record and the report."""
    trains_teacher = settings.schedule != "student_only"
    students = students_of(settings)
    distillation = {name: x.distillation or "none" for name, x in students.items()}
    if len(set(distillation.values())) == 1:
        described = next(iter(distillation.values()))
    else:
        described = "; ".join(f"{name}: {x}" for name, x in distillation.items())
    return {
        "distillation": described,
        "perceptual features": _describe_features(settings, students.values()),
        "metric features": _describe_metric_features(settings),
        "teacher": _describe_start(settings.teacher_weights, trains_teacher)
        if settings.taught is None
        else f"its images in {settings.taught}",
        "students' own discriminators": _describe_own(students),
        "discriminator": _describe_start(
            settings.discriminator_weights,
            trains_teacher or settings.discriminator_regime == "updating",
        ),
    }


def _describe_features(settings, students):
    looks = any(
        name in student.distillation
        for student in students
        for name in ("perceptual", "omgd")
    )
    if not looks or not has_perceptual_features(settings):
        return "no perceptual loss"
    if settings.perceptual_features == "efficientnet_lite":
        return "EfficientNet-Lite0 with ImageNet weights, its early stages scaled to 1"
    weights = settings.vgg_weights
    features = {
        "random": "random features of VGG-16 (no ImageNet weights)",
        "imagenet": "VGG-16 with ImageNet weights",
    }
    from_file = f"VGG-16 with weights of {weights} ({settings.vgg_layout})"
    described = features.get(weights, from_file)
    if settings.vgg_blocks != 4:
        described += f", the first {settings.vgg_blocks} of 4 blocks"
    return described


def _describe_metric_features(settings):
    if settings.metric not in ("fid", "kid"):
        return "none"
    if settings.metric_features == "efficientnet_lite":
        return "EfficientNet-Lite0 with ImageNet weights, not the Inception of FID"
    return f"Inception, weights {settings.inception_weights}"


def _describe_own(students):
    files = {name: x.student_discriminator for name, x in students.items()}
    own = [f"{name}: {file}, kept fixed" for name, file in files.items() if file]
    return "; ".join(own) or "none"


def _describe_start(weights, trained):
    if weights is None:
        return "trained from scratch with the student" if trained else "none"
    return f"{weights}, {'trained on with the student' if trained else 'kept fixed'}"


def _check_fixed_teacher(settings):
    if settings.taught is not None:
        if settings.schedule != "student_only":
            raise ValueError(
                "`--taught` needs --schedule=student_only: its teacher is not trained. "
                f"Received: --schedule={settings.schedule}"
            )
        if settings.teacher_weights is not None:
            raise ValueError(
                "`--taught` takes the place of --teacher_weights. Received: both"
            )
    if settings.schedule != "student_only":
        return
    if settings.teacher_weights is None and settings.taught is None:
        raise ValueError(
            "`--schedule=student_only` needs --teacher_weights, or --taught: its "
            "teacher is not trained. Received: none"
        )
    regime = settings.discriminator_regime
    weights = settings.discriminator_weights or settings.student_discriminator
    if regime == "updating-freezing" and weights is None:
        raise ValueError(
            "`--schedule=student_only` needs --discriminator_weights, as its "
            "discriminator is not trained either, or another --discriminator_regime. "
            f"Received: --discriminator_regime={regime} without weights"
        )


def _schedule(settings):
    if settings.schedule == "phased":
        return schedules.Phased(settings.teacher_epochs, settings.student_epochs)
    return schedules.get_schedule(settings.schedule)


def _student(settings, seeds, sources):
    distillation = make_distillation(settings, sources)
    return Student(
        make_generator(settings, settings.student_filters, seeds[4]),
        distillation_losses={k: loss for k, (loss, _) in distillation.items()},
        distillation_loss_weights={
            k: weight for k, (_, weight) in distillation.items()
        },
        adversarial_weight=settings.adversarial_weight,
        discriminator=_student_discriminator(settings, seeds[2]),
    )


def _student_discriminator(settings, seed):
    if settings.student_discriminator is None:
        return None
    discriminator = _discriminator(settings, seed)
    try:
        interop.load_weights(discriminator, settings.student_discriminator)
    except (OSError, ValueError) as error:
        raise ValueError(f"`--student_discriminator`: {error}") from error
    return discriminator


def _discriminator(settings, seed, inverse=False):
    source, target = parse_channels(settings.channels)
    channels = source if inverse else target
    if settings.gan == "pix2pix":
        # It sees an image beside its source.
        channels = source + target
    return models.patch_discriminator(
        (None, None, channels),
        filters=settings.discriminator_filters,
        layers=settings.discriminator_layers,
        norm=settings.discriminator_norm,
        seed=seed,
    )


def _teacher(settings, seeds):
    if settings.taught is not None:
        adversarial_loss = "hinge" if settings.gan == "pix2pix" else "least_squares"
        return gans.StoredTeacher(_discriminator(settings, seeds[2]), adversarial_loss)
    generator, inverse_generator = (
        make_generator(settings, settings.teacher_filters, seed, inverse)
        for seed, inverse in zip(seeds[:2], (False, True), strict=True)
    )
    discriminator = _discriminator(settings, seeds[2])
    if settings.gan == "pix2pix":
        return gans.Pix2Pix(generator, discriminator, l1_weight=settings.l1_weight)
    source, target = parse_channels(settings.channels)
    # A generator cannot be shown target images of other channels than the source's.
    arguments: dict[str, Any] = {} if source == target else {"identity_weight": 0.0}
    return gans.CycleGAN(
        generator,
        inverse_generator,
        discriminator,
        _discriminator(settings, seeds[3], inverse=True),
        **arguments,
        seed=settings.seed,
    )
