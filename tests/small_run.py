"""The smallest run that writes every file of a run: two epochs at 16 pixels."""

import dataclasses

from crd_keras.experiment.presets.horse2zebra import QUICK

SETTINGS = dataclasses.replace(
    QUICK,
    image_size=16,
    batch_size=8,
    schedule="joint",
    epochs=2,
    teacher_filters=4,
    student_filters=2,
    blocks=1,
    discriminator_filters=4,
    discriminator_layers=1,
    contents="row,patch",
    patch_size=8,
    vgg_weights="none",
    evaluate_every=1,
    grid_every=1,
)
