"""Edges to shoes: a Pix2Pix teacher, and a student with a quarter of its channels.

    python recipes/edges2shoes.py                   # the paper's settings
    python recipes/edges2shoes.py --preset=quick    # minutes on a CPU, no download

Without flags: `pix2pix/edges2shoes` (this project's builder for TensorFlow Datasets) at
256x256, batch 4, U-Nets with batch normalisation, hinge loss and 100 * L1 for the
teacher, ImageNet VGG-16, 100 epochs at a constant learning rate and 100 falling to 0,
relations summed over the batch with a weight of 2.5, as in the published settings. A
long training for a GPU; the paper reports FID 24.35. That number has not been
reproduced here yet.

With `--preset=quick`: drawn plain animals and their striped twins at 64x64, small
networks, random VGG features in place of ImageNet's. It shows that everything works and
learns; its numbers say nothing about edges2shoes.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch. `--help` lists all flags.
"""

import dataclasses

from crd_keras.commands.train import main
from crd_keras.experiment.settings import Settings

PAPER = Settings(
    dataset="pix2pix/edges2shoes",
    gan="pix2pix",
    generator="unet",
    batch_size=4,
    discriminator_filters=128,
    discriminator_norm="batch",
    relation_weight=2.5,
    relation_reduction="sum",
    # Paired: test images against test images.
    reference_split="testB",
    evaluate_every=1,
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
)

PRESETS = {"paper": PAPER, "quick": QUICK}

if __name__ == "__main__":
    main("edges2shoes", PRESETS)
