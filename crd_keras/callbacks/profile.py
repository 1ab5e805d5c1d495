"""A profile of some steps, to see where their time goes."""

import os
import pathlib
import warnings

import keras

from crd_keras import backend
from crd_keras.utils.validation import check_at_least


class Profile(keras.callbacks.Callback):
    """Writes a trace of a few steps, with each operation and how long it took.

    TensorFlow and JAX write what TensorBoard's plugin xprof shows (`tensorboard
    --logdir DIRECTORY`), in `plugins/profile`. JAX's `.trace.json.gz` and PyTorch's
    `.pt.trace.json` also open in a browser, at ui.perfetto.dev or chrome://tracing.

    Args:
        directory: Folder of the trace. It is made if it does not exist.
        first_step: The first step in it, counted from 0 since the training began.
            Those before it compile and fill caches.
        steps: How many steps are in it.

    Raises:
        ValueError: If `first_step` is negative or `steps` is not positive.
        ImportError: On TensorFlow, if xprof is not installed.
    """

    def __init__(
        self, directory: str | os.PathLike, first_step: int = 5, steps: int = 3
    ):
        super().__init__()
        check_at_least(0, first_step=first_step)
        check_at_least(1, steps=steps)
        backend.check_profile_viewer()
        self.directory = pathlib.Path(directory)
        self.first_step = first_step
        self.steps = steps

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._step = 0
        self._stop = None

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        if self._step == self.first_step:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._stop = backend.start_profile(self.directory)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        self._step += 1
        if self._stop is not None and self._step == self.first_step + self.steps:
            for value in (logs or {}).values():
                float(value)  # Waits for a device that is still at it.
            self._stop()
            self._stop = None

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None
        elif self._step <= self.first_step:
            warnings.warn(
                f"No profile was written: the training ended after {self._step} steps, "
                f"before `first_step`, {self.first_step}.",
                stacklevel=2,
            )
