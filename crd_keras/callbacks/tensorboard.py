"""The logs of all epochs for TensorBoard."""

import os
import pathlib
import time
from types import SimpleNamespace
from typing import Any

import keras

from crd_keras.callbacks.checkpoint import Checkpoint, epoch_row


class TensorBoard(keras.callbacks.Callback):
    """The numbers of `keras.callbacks.TensorBoard`, each epoch once when resumed.

    A training that goes on writes the logs that the checkpoint holds to a new file,
    which takes the place of the former ones.

    Put it before the checkpoint and after callbacks that add to the logs.

    Args:
        directory: Folder for `tensorboard --logdir`. It is made if it does not exist.
        checkpoint: The checkpoint of the same training.

    Raises:
        ImportError: If the package tensorboard is not installed, which writes the files
            on every backend.
    """

    def __init__(self, directory: str | os.PathLike, checkpoint: Checkpoint):
        super().__init__()
        self._tensorboard = _import_tensorboard()
        self.directory = pathlib.Path(directory) / "train"
        self.checkpoint = checkpoint
        self._writer: Any = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = epoch_row(epoch, logs)
        if self._writer is None:
            self._begin(self.checkpoint.epoch_logs)
        self._write([row])

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _begin(self, rows):
        former = list(self.directory.glob("events.out.tfevents.*"))
        self._writer = self._tensorboard.EventFileWriter(str(self.directory))
        self._write(rows)
        # Checkpoints did not always hold logs: what only the former files have stays.
        if not rows or rows[0]["epoch"] == 0:
            for path in former:
                path.unlink()

    def _write(self, rows):
        for row in rows:
            for name, value in row.items():
                if name == "epoch" or isinstance(value, str):
                    continue
                summary = self._tensorboard.scalar_pb(f"epoch_{name}", value)
                event = self._tensorboard.Event(
                    wall_time=time.time(), step=row["epoch"], summary=summary
                )
                self._writer.add_event(event)
        self._writer.flush()


def _import_tensorboard() -> SimpleNamespace:
    """What writes logs. TensorFlow does not take part."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError as error:
        raise ImportError(
            'Logs for TensorBoard need it: `pip install "crd_keras[data]"`. '
            f"Received: {error}"
        ) from error
    return SimpleNamespace(
        Event=Event, EventFileWriter=EventFileWriter, scalar_pb=scalar_pb
    )
