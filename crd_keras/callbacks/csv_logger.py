"""The logs of all epochs in a table."""

import csv
import io
import os
import pathlib

import keras

from crd_keras.callbacks.checkpoint import Checkpoint, epoch_row
from crd_keras.report.read_metrics import read_metrics
from crd_keras.utils.files import atomic_write


class CSVLogger(keras.callbacks.Callback):
    """As `keras.callbacks.CSVLogger`, with each epoch once, however often resumed.

    After each epoch the whole file is written from the logs that the checkpoint holds
    and those of the epoch: what was logged after the checkpoint that a training goes on
    from is gone, and a lost file comes back.

    Put it before the checkpoint and after callbacks that add to the logs.

    Args:
        path: The file, in a folder that exists.
        checkpoint: The checkpoint of the same training.
    """

    def __init__(self, path: str | os.PathLike, checkpoint: Checkpoint):
        super().__init__()
        self.path = pathlib.Path(path)
        self.checkpoint = checkpoint

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        rows = [*self.checkpoint.epoch_logs, epoch_row(epoch, logs)]
        atomic_write(self.path, self._table(rows))

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        # There may have been nothing left to train. What is more than the checkpoint
        # holds was logged when the training was stopped within an epoch.
        rows = self.checkpoint.epoch_logs
        table = self._table(rows)
        found = self.path.read_bytes() if self.path.exists() else b""
        if not found or (rows and not found.startswith(table)):
            atomic_write(self.path, table)

    def _table(self, rows):
        rows = [*self._older(rows), *rows]
        names = sorted({name for row in rows for name in row} - {"epoch"})
        file = io.StringIO()
        table = csv.DictWriter(file, ["epoch", *names], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return file.getvalue().encode()

    def _older(self, rows):
        """Rows of epochs from before checkpoints held logs."""
        first = rows[0]["epoch"] if rows else 0
        if not first or not self.path.exists():
            return []
        columns = read_metrics(self.path)
        epochs = columns.pop("epoch")
        # Keras' logger made columns for a validation also where there was none.
        columns = {n: x for n, x in columns.items() if not all(map(_is_nan, x))}
        return [
            {"epoch": int(epoch)} | {n: float(x[i]) for n, x in columns.items()}
            for i, epoch in enumerate(epochs)
            if epoch < first
        ]


def _is_nan(number):
    return number != number
