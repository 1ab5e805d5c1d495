"""Settings of recipes/horse2zebra.py. How they differ: see the package."""

import dataclasses

from crd_keras.experiment.settings import Settings

# The defaults of `Settings` are the paper's for horse2zebra.
PAPER = Settings()

# 20 turns: 200 epochs of the teacher, at a constant rate in the first 100.
PUBLISHED = dataclasses.replace(PAPER, schedule="phased", epochs=20 * (10 + 40))

QUICK = dataclasses.replace(
    PAPER,
    dataset="sample",
    image_size=64,
    batch_size=4,
    # After 20 epochs, runs that differed in rounding, backend or precision alone ended
    # between 0.51 and 0.62 of the input's sliced Wasserstein distance.
    epochs=25,
    decay_epochs=15,
    learning_rate=1e-3,
    teacher_filters=32,
    student_filters=8,
    blocks=2,
    discriminator_filters=32,
    discriminator_layers=2,
    patch_size=16,
    # Random features want other weights: after 200 steps the student's sliced
    # Wasserstein distance was 2.8 times the input's with 1e4 and 10, 1.2 times with
    # 1e3 and 50, and 2.1 times without any perceptual loss.
    vgg_weights="random",
    vgg_blocks=2,
    style_weight=1000.0,
    feature_weight=50.0,
    # Of the sample's animals and drawing the Inception knows nothing, and what it
    # needs would have to be downloaded.
    metric="swd",
    reference_split="testB",
    evaluate_every=1,
    grid_every=4,
)

PRESETS = {"paper": PAPER, "published": PUBLISHED, "quick": QUICK}
