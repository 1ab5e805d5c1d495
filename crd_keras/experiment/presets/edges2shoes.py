"""Settings of recipes/edges2shoes.py. How they differ: see the package."""

import dataclasses

from crd_keras.experiment.settings import Settings

PAPER = Settings(
    dataset="pix2pix/edges2shoes-r",
    gan="pix2pix",
    generator="unet",
    batch_size=4,
    discriminator_filters=128,
    discriminator_norm="batch",
    relation_weight=2.5,
    # The text does not say. The program sums.
    relation_reduction="sum",
    # Paired: test images against test images.
    reference_split="testB",
    evaluate_every=1,
)

PUBLISHED = dataclasses.replace(
    PAPER, epochs=200, perceptual_weight=2.0, adversarial_weight=0.0
)

QUICK = dataclasses.replace(
    PAPER,
    dataset="sample",
    image_size=64,
    epochs=20,
    decay_epochs=10,
    learning_rate=1e-3,
    teacher_filters=32,
    student_filters=8,
    downs=5,
    discriminator_filters=32,
    discriminator_layers=2,
    patch_size=16,
    # Random features want other weights than ImageNet's, and the hinge loss of a
    # discriminator that never sees the student's images has no lower bound: with an
    # adversarial weight of 1 and a feature weight of 50 the student went its own way
    # (mean absolute error 54 grey levels after 12 epochs; the input's is 23).
    vgg_weights="random",
    vgg_blocks=2,
    style_weight=1000.0,
    feature_weight=500.0,
    adversarial_weight=0.1,
    metric="mae",
    grid_every=4,
    intra_op_threads=1,
)

PRESETS = {"paper": PAPER, "published": PUBLISHED, "quick": QUICK}
