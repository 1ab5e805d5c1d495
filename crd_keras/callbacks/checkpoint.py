"""Going on with an interrupted training as if nothing had happened."""

import io
import os
import time
import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from crd_keras import backend
from crd_keras.training.checkpoints import CheckpointFolder, StoredCheckpoint
from crd_keras.training.non_finite import non_finite


class Checkpoint(keras.callbacks.Callback):
    """Writes checkpoints of a `CRDTrainer`, and restores the newest in a new training.

    In place of `keras.callbacks.BackupAndRestore`. A checkpoint is written at the end
    of each epoch, when the training is stopped within one, and as often as is asked
    for besides. It holds the weights of all networks, the past fakes, the best teacher
    and student, the optimizers' states, the running means of the losses and the states
    of random numbers, so that a training that is killed at any moment and started again
    ends with the same numbers: at the next step of the same epoch, for which `fit`
    reads the epoch's data and passes over what was seen. The data have to come in the
    same order again, such as arrays with `shuffle=False`, a `keras.utils.PyDataset`, or
    those of `crd_keras.data` with `first_epoch=checkpoint.first_epoch()`.

    Files are written under other names, and count when they are whole: see
    `crd_keras.training.checkpoints.CheckpointFolder`. The newest two stay, also
    after the training. A state whose losses or weights are not finite is not written.

    Put it last among the callbacks, so that a checkpoint holds what the others have
    done. Of several processes that train together, each has a directory of its own.

    Args:
        directory: Folder of the checkpoints. It is made if it does not exist.
        every_minutes: Also write one within an epoch, when so many minutes have gone
            by since the last one. (Not if several processes train together: their
            clocks differ.)
        every_steps: Also write one within an epoch, every so many steps.
        verbose: Whether to print where the training goes on.

    Attributes:
        epoch_logs: The logs of all finished epochs, from the first one on, each with
            its number, counted from 0, as `epoch`.

    Raises:
        ValueError: If `every_minutes` or `every_steps` is not positive. From `fit`: if
            the trainer is not built, if there are checkpoints but none that is whole,
            or if they are those of another trainer.
        OSError: From `fit`: if a checkpoint cannot be written. The former one stays.

    Example:

    ```python
    trainer.fit(x, y, epochs=100, shuffle=False, callbacks=[Checkpoint("checkpoint")])
    ```
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        every_minutes: float | None = None,
        every_steps: int | None = None,
        verbose: bool = True,
    ):
        super().__init__()
        if every_minutes is not None and not every_minutes > 0:
            raise ValueError(
                "`every_minutes` must be a positive number of minutes or None. "
                f"Received: every_minutes={every_minutes}"
            )
        if every_steps is not None and every_steps < 1:
            raise ValueError(
                "`every_steps` must be a positive number of steps or None. "
                f"Received: every_steps={every_steps}"
            )
        self.folder = CheckpointFolder(directory)
        self.every_minutes = every_minutes
        self.every_steps = every_steps
        self.verbose = verbose
        self.epoch_logs: list[dict[str, Any]] = []
        self._epoch = self._step = 0
        self._running_means = None

    def newest(self) -> StoredCheckpoint | None:
        """The checkpoint that a training would go on from; `None` if there is none.

        Raises:
            ValueError: If there are finished ones, but none that is whole.
        """
        return self.folder.newest()

    def first_epoch(self) -> int:
        """The epoch, counted from 0, that a training would begin with or go on in.

        Raises:
            ValueError: As `newest`.
        """
        stored = self.newest()
        return 0 if stored is None else stored.epoch

    @property
    def position(self) -> tuple[int, int]:
        """How many epochs the running training has finished, and steps of the next."""
        return self._epoch, self._step

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        # In the middle of an epoch `self.model` has JAX bring all variables up to date.
        self._trainer = self.model
        if not self._trainer.built:
            raise ValueError(
                "The trainer must be built before a checkpoint can be restored: call "
                "`trainer.build(batch_shape)` first. `fit` does so if its data tell "
                "their shape. Received: a trainer that is not built"
            )
        stored = self.newest()
        self._tell(stored)
        self.folder.path.mkdir(parents=True, exist_ok=True)
        self.folder.remove_unfinished()
        self._epoch, self._step = (0, 0) if stored is None else stored.position
        self.epoch_logs, self._running_means = [], None
        # As Keras' own callback does it.
        self._trainer._initial_epoch = self._epoch or None
        if stored is not None:
            self._restore(stored)
        self._written_at = time.monotonic()
        self._written_step = self._step

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch, self._is_stopped = epoch, False
        if self._running_means is None:
            self._step = self._written_step = 0
            return
        # `fit` has just set them to zero.
        for variable, value in zip(
            self._trainer.metrics_variables, self._running_means, strict=True
        ):
            variable.assign(value)
        self._running_means = None

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        self._step = batch + 1
        if self._is_last_step():
            return
        self._is_stopped = self._trainer.stop_training
        if self._is_stopped or self._is_due():
            self.save()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self._is_stopped:
            return  # A checkpoint was written before the evaluations that follow.
        self.epoch_logs.append(epoch_row(epoch, logs))
        self._epoch, self._step = epoch + 1, 0
        self.save()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self._trainer._initial_epoch = None

    def save(self) -> None:
        """Writes a checkpoint of where the training is, between two steps.

        Raises:
            OSError: If it cannot be written. The former one stays.
        """
        newest = self.newest()
        if newest is not None and newest.position == self.position:
            return
        trainer = self.model
        self._written_at, self._written_step = time.monotonic(), self._step
        spoilt = non_finite(trainer)
        if spoilt:
            print(f"No checkpoint is written, as not finite are: {', '.join(spoilt)}")
            return
        running_means = [_numpy(v).tolist() for v in trainer.metrics_variables]
        weights = _WeightsFile()
        trainer.save_weights(weights)
        self.folder.write(
            weights.getbuffer(),
            *self.position,
            self.epoch_logs,
            [_numpy(seed).tolist() for seed in _seeds(trainer)],
            running_means if self._step else (),
        )

    def _is_last_step(self):
        steps = self.params["steps"]
        return steps is not None and self._step >= steps

    def _is_due(self):
        steps = self._step - self._written_step
        if self.every_steps is not None and steps >= self.every_steps:
            return True
        if self.every_minutes is None or backend.process_count() > 1:
            return False
        return time.monotonic() - self._written_at >= 60 * self.every_minutes

    def _tell(self, stored):
        if not self.verbose:
            return
        for problem in self.folder.problems:
            print(f"Passed over a checkpoint: {problem}")
        if stored is not None:
            print(f"Going on after {stored.describe()}, from {stored.weights}")
        elif self.folder.path.exists():
            print(
                f"No checkpoint was finished in {self.folder.path}: starting from "
                "epoch 1"
            )

    def _restore(self, stored):
        trainer = self._trainer
        try:
            with warnings.catch_warnings():
                # Keras leaves layers as they are that it does not find in the file.
                warnings.filterwarnings("error", "Skipping nested container")
                trainer.load_weights(_WeightsFile(stored.weights.read_bytes()))
            for seed, value in zip(
                _seeds(trainer), stored.seeds or (), strict=stored.seeds is not None
            ):
                seed.assign(np.asarray(value).astype(seed.dtype))
        except (KeyError, UserWarning, ValueError) as error:
            raise ValueError(
                "`directory` must hold checkpoints of this trainer: of the same "
                f"networks, losses and optimizers. Received: {stored.weights}"
            ) from error
        self.epoch_logs = list(stored.epoch_logs)
        if stored.step:
            self._running_means = stored.running_means
            trainer.skip_batches(stored.step)


def epoch_row(epoch: int, logs: Mapping | None) -> dict[str, float | str]:
    """The logs of an epoch as plain numbers, with its own, counted from 0."""
    return {"epoch": epoch, **{name: _plain(x) for name, x in (logs or {}).items()}}


class _WeightsFile(io.BytesIO):
    """A file in memory that goes by a name, by which Keras knows what it is.

    In memory, so that the file on the disk is never half written, and since h5py may
    end the process when there is no room. It takes as much memory as on the disk.
    """

    def __str__(self) -> str:
        return "checkpoint.weights.h5"


def _plain(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _numpy(variable):
    return np.array(keras.ops.convert_to_numpy(variable.value))


def _seeds(trainer):
    """The states of random numbers, which Keras leaves out of what it saves."""
    return [v for v in trainer.variables if v.path.endswith("seed_generator_state")]
