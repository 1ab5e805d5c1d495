"""Training for a number of steps."""

import keras

from crd_keras.utils.validation import check_at_least


class StopAfter(keras.callbacks.Callback):
    """Ends a training after a number of steps, counted from its very first epoch.

    Args:
        max_steps: The number of steps. `None`: the training goes on to its end.

    Raises:
        ValueError: If `max_steps` is not positive.
    """

    def __init__(self, max_steps: int | None = None):
        super().__init__()
        if max_steps is not None:
            check_at_least(1, max_steps=max_steps)
        self.max_steps = max_steps
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        if self.max_steps is None:
            return
        done = self._epoch * (self.params["steps"] or 0) + batch + 1
        if done >= self.max_steps:
            self.model.stop_training = True
