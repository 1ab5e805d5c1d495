"""What of a training has become NaN or infinite."""

import math
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops


def non_finite(
    trainer: keras.Model, logs: Mapping[str, float] | None = None
) -> list[str]:
    """Names what of a training is NaN or infinite, if anything is.

    A checkpoint is worth keeping if nothing is. The running means of the losses tell
    of all steps of the epoch so far, and the weights of the last one, whose update may
    have spoilt them although its losses were finite. That costs a look at each weight,
    far less than writing a checkpoint.

    The NaN of a loss that the schedule does not train now means nothing.

    Args:
        trainer: A `CRDTrainer`, as a callback has it in `self.model`.
        logs: The logs that a callback is given after a batch or an epoch. Defaults to
            the running means as they are now: those of a validation, if one has been
            the last.

    Returns:
        The losses and their values, then the networks, such as
        `["row_angle nan", "weights of the student"]`. Empty if all is well.
    """
    if logs is None:
        trackers = trainer.loss_trackers
        logs = {t.name: t.result() for t in trackers if float(t.count.numpy()) > 0}
    trained = [name for name in trainer.losses_trained() if name in logs]
    losses = {name: float(logs[name]) for name in trained}
    found = [
        f"{k} {value:g}" for k, value in losses.items() if not math.isfinite(value)
    ]
    variables = {"the teacher": trainer.teacher.variables}
    for name, student in trainer.students.items():
        parts = (student.network, *student.feature_losses)
        owner = name if student.prefix else "the student"
        variables[owner] = [variable for part in parts for variable in part.variables]
    found += [f"weights of {k}" for k, x in variables.items() if not _all_finite(x)]
    return found


def _all_finite(variables):
    finite = [
        ops.all(ops.isfinite(variable.value))
        for variable in variables
        if keras.backend.is_float_dtype(variable.dtype)
    ]
    # One answer for all: each that is asked for alone would wait for the device.
    return bool(np.all(ops.convert_to_numpy(ops.stack(finite))))
