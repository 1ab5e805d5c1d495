"""A small training that is interrupted, or not."""

import dataclasses
import functools
import os
import pathlib
import signal
import sys

from crd_keras import data
from crd_keras.experiment.run import run
from tests import small_run
from tests.faults.file_operations import FileOperations


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
    data.sample_source = functools.partial(data.sample_source, train=16, test=8)
    path = pathlib.Path(folder)
    settings = dataclasses.replace(
        small_run.SETTINGS,
        decay_epochs=1,
        output_dir=folder,
        resume=resume and path.exists(),
    )
    if not resume:
        FileOperations(path, pathlib.Path(log), interrupt, signal.Signals(sent))
    run("horse2zebra", "quick", settings)
