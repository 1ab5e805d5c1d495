"""A progress bar that fits on a line."""

import sys

import keras


class Progress(keras.callbacks.Callback):
    """Shows the progress of an epoch with a few of the many losses.

    For `fit(..., verbose=0)`: Keras' own bar shows all losses of a `CRDTrainer`, which
    fill several lines. Where the output is no terminal, one line per epoch is written.

    Args:
        names: The logs to show.
    """

    def __init__(self, names: tuple[str, ...] = ("loss", "teacher_loss")):
        super().__init__()
        self.names = names

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        print(f"Epoch {epoch + 1}/{self.params['epochs']}", flush=True)
        self._step = 0
        self._trained: list[str] = []
        self._bar = keras.utils.Progbar(
            self.params["steps"],
            verbose=1 if sys.stdout.isatty() else 2,
            stateful_metrics=self.names,
        )

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        self._step = batch + 1
        # A network that the schedule does not train now has no losses in its steps,
        # and NaN at the end of the epoch.
        self._trained = [name for name in self.names if name in (logs or {})]
        self._bar.update(self._step, self._values(logs), finalize=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._bar.update(self._step, self._values(logs), finalize=True)

    def _values(self, logs):
        return [(name, float(logs[name])) for name in self._trained]
