"""One experiment from its settings to its report; what the recipes share."""

import math

import keras
import numpy as np
from absl import logging
from reporting import write_run_report
from run_folder import RunFolder
from settings import Settings

import crd_keras
from crd_keras import callbacks, data, gans, losses, models, schedules
from crd_keras.metrics import SlicedWasserstein

# Rows of the picture that is written every few epochs.
_GRID_ROWS = 6


def run(name: str, preset: str, settings: Settings) -> None:
    """Trains, evaluates and reports.

    Args:
        name: Name of the recipe.
        preset: Name of the preset, for the report.
        settings: What to do.

    Raises:
        SystemExit: If the settings, the data or the weights are wrong: with one line
            that says so, before any training.
    """
    try:
        _check(settings)
        folder = RunFolder(settings.output_dir or f"runs/{name}-{preset}", settings)
        keras.utils.set_random_seed(settings.seed)
        source = _source(settings)
        trainer = _trainer(settings)
        pairs = data.unpaired_dataset(
            source,
            image_size=settings.image_size,
            batch_size=settings.batch_size,
            seed=settings.seed,
            first_epoch=folder.first_epoch(),
        )
    except (ImportError, OSError, ValueError) as error:
        raise SystemExit(f"{name}: {error}") from error

    record = folder.write_record(
        {"recipe": name, "preset": preset, "data": source.label, **_used(settings)}
    )
    metric = SlicedWasserstein()
    _train(trainer, pairs, source, metric, folder, settings)
    trainer.student.save(folder.student)
    trainer.distilled_from().save(folder.teacher)
    write_run_report(folder, record, trainer, source, metric)
    print(f"Report: {folder.report}")


def _check(settings):
    for name in ("epochs", "batch_size", "evaluate_every", "grid_every", "max_steps"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise ValueError(f"`--{name}` must be at least 1. Received: {value}")
    if settings.decay_epochs < 0:
        raise ValueError(
            f"`--decay_epochs` must be at least 0. Received: {settings.decay_epochs}"
        )
    if settings.image_size < 4 or settings.image_size % 4:
        raise ValueError(
            "`--image_size` must be positive and divisible by 4. "
            f"Received: {settings.image_size}"
        )
    if "patch" in settings.contents and (
        settings.patch_size < 1 or settings.image_size % settings.patch_size
    ):
        raise ValueError(
            "`--patch_size` must divide the image size. "
            f"Received: {settings.patch_size} for {settings.image_size} pixels"
        )


def _source(settings):
    if settings.data_dir is not None:
        return data.folder_source(settings.data_dir, settings.on_corrupt)
    if settings.dataset == "sample":
        return data.sample_source(image_size=settings.image_size)
    return data.tfds_source(settings.dataset)


def _trainer(settings):
    def generator(filters, seed):
        return models.mobile_resnet_generator(
            filters=filters, blocks=settings.blocks, seed=seed
        )

    def discriminator(seed):
        return models.patch_discriminator(
            filters=settings.discriminator_filters,
            layers=settings.discriminator_layers,
            seed=seed,
        )

    # Five networks, five seeds, and none in common with the next run's.
    seeds = [int(s) for s in np.random.SeedSequence(settings.seed).generate_state(6)]
    teacher = gans.CycleGAN(
        generator=generator(settings.teacher_filters, seeds[0]),
        inverse_generator=generator(settings.teacher_filters, seeds[1]),
        discriminator=discriminator(seeds[2]),
        inverse_discriminator=discriminator(seeds[3]),
        seed=settings.seed,
    )
    relation = losses.ContentRelationLoss(
        contents=settings.contents.split(","),
        patch_size=settings.patch_size,
        distance_weight=settings.distance_weight,
        angle_weight=settings.angle_weight,
    )
    distillation = {"relation": (relation, settings.relation_weight)}
    if settings.vgg_weights != "none":
        perceptual = losses.PerceptualLoss(
            _vgg(settings, seeds[5]), settings.style_weight, settings.feature_weight
        )
        distillation["perceptual"] = (perceptual, settings.perceptual_weight)
    trainer = crd_keras.CRDTrainer(
        teacher,
        generator(settings.student_filters, seeds[4]),
        distillation_losses={k: loss for k, (loss, _) in distillation.items()},
        distillation_weights={k: weight for k, (_, weight) in distillation.items()},
        adversarial_weight=settings.adversarial_weight,
        discriminator_regime=settings.discriminator_regime,
        discriminator_weights=settings.discriminator_weights,
        schedule=settings.schedule,
    )
    trainer.build((None, settings.image_size, settings.image_size, 3))
    return trainer


def _vgg(settings, seed):
    is_random = settings.vgg_weights == "random"
    return models.vgg16_features(
        None if is_random else settings.vgg_weights,
        layout=settings.vgg_layout,
        blocks=settings.vgg_blocks,
        seed=seed,
    )


def _used(settings):
    """What stands behind the losses, in words, for the record and the report."""
    weights = settings.vgg_weights
    features = {
        "random": "random features of VGG-16 (no ImageNet weights)",
        "none": "no perceptual loss",
        "imagenet": "VGG-16 with ImageNet weights",
    }
    from_file = f"VGG-16 with weights of {weights} ({settings.vgg_layout})"
    described = features.get(weights, from_file)
    if settings.vgg_blocks != 4 and weights != "none":
        described += f", the first {settings.vgg_blocks} of 4 blocks"
    return {
        "perceptual features": described,
        "teacher": "trained from scratch with the student",
    }


def _train(trainer, pairs, source, metric, folder, settings):
    steps = len(pairs)
    decay = min(settings.decay_epochs, settings.epochs)

    def optimizer():
        rate = settings.learning_rate
        if decay:
            constant_steps = (settings.epochs - decay) * steps
            rate = schedules.LinearDecay(rate, constant_steps, decay * steps)
        return keras.optimizers.Adam(rate, beta_1=0.5)

    trainer.compile(optimizer(), optimizer(), optimizer())
    epochs = settings.epochs
    if settings.max_steps is not None:
        epochs = min(epochs, math.ceil(settings.max_steps / steps))
    if folder.first_epoch() >= epochs:
        logging.info("All %d epochs are done already.", epochs)
    trainer.fit(
        pairs,
        epochs=epochs,
        shuffle=False,  # The pipeline has done so.
        verbose=0,
        callbacks=[
            callbacks.Progress(),
            callbacks.StopAfter(settings.max_steps),
            callbacks.BestTeacher(
                metric,
                data.evaluation_batches(source, "testA", settings.image_size),
                data.evaluation_batches(source, "testB", settings.image_size),
                every=settings.evaluate_every,
            ),
            callbacks.ImageGrid(
                data.evaluation_images(
                    source, "testA", settings.image_size, limit=_GRID_ROWS
                ),
                folder.grids,
                every=settings.grid_every,
            ),
            keras.callbacks.CSVLogger(str(folder.metrics), append=settings.resume),
            keras.callbacks.TensorBoard(str(folder.tensorboard), write_graph=False),
            # The last, so that a checkpoint holds what the others have done.
            keras.callbacks.BackupAndRestore(
                str(folder.checkpoint), double_checkpoint=True, delete_checkpoint=False
            ),
        ],
    )
