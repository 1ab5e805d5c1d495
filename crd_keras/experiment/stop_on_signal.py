"""Stopping a training between two steps, with a checkpoint."""

import keras

from crd_keras import callbacks
from crd_keras.backend import process_count
from crd_keras.utils.interruption import Interruption


class StopOnSignal(keras.callbacks.Callback):
    """Has a signal wait until a checkpoint holds what was trained, then stops.

    That is after the step that runs, or after the epoch's evaluations and pictures if
    it was the epoch's last. A second signal stops at once, and so does the first if
    several processes train together: they would stop at different steps.

    To be put after the checkpoint.

    Args:
        interruption: What receives the signals.
        checkpoint: The training's checkpoint.
    """

    def __init__(self, interruption: Interruption, checkpoint: callbacks.Checkpoint):
        super().__init__()
        self.interruption = interruption
        self.checkpoint = checkpoint

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.interruption.describe = self._describe

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        if process_count() > 1:
            return
        if batch + 1 >= self.params["steps"]:
            epoch, _ = self.checkpoint.position
            self.interruption.hold(
                f"Stopping when epoch {epoch + 1} is evaluated; again: at once"
            )
        elif self.interruption.received is None:
            self.interruption.hold()
        else:
            self.checkpoint.save()
            self.interruption.release()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.interruption.release()

    def _describe(self):
        epoch, step = self.checkpoint.position
        stopped = f"Stopped at epoch {epoch + 1}, step {step}"
        if not step and epoch:
            stopped = f"Stopped after epoch {epoch}"
        stored = self.checkpoint.newest()
        if stored is None:
            return f"{stopped}; --resume starts from epoch 1"
        if stored.position == (epoch, step):
            return f"{stopped}; --resume goes on"
        return f"{stopped}; --resume goes on after {stored.describe()}"
