"""The smallest training that writes every file of a run: two epochs at 16 pixels."""

import dataclasses
import functools
import os
import pathlib
import signal
import sys

from crd_keras import data
from crd_keras.experiment.presets.horse2zebra import QUICK
from crd_keras.experiment.run import run
from tests.faults.file_operations import FileOperations

SETTINGS = dataclasses.replace(
    QUICK,
    image_size=16,
    batch_size=8,
    epochs=2,
    decay_epochs=1,
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


def train(
    folder: str, log: str, interrupt: int | None, sent: int, resume: bool
) -> None:
    """Trains in this process, and is interrupted.

    Args:
        folder: The run's folder.
        log: See `FileOperations`, as for
        interrupt: the number of the operation, and
        sent: the signal.
        resume: Whether to go on with the run that is there, if there is one.
    """
    output = os.open(log + ".output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    data.sample_source = functools.partial(data.sample_source, train=32, test=8)
    path = pathlib.Path(folder)
    settings = dataclasses.replace(
        SETTINGS, output_dir=folder, resume=resume and path.exists()
    )
    if not resume:
        FileOperations(path, pathlib.Path(log), interrupt, signal.Signals(sent))
    run("horse2zebra", "quick", settings)
