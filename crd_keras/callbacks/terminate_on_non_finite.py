"""Ending a training whose numbers are none any more."""

import keras

from crd_keras.training.non_finite import non_finite

_ADVICE = (
    "Try a lower learning rate, smaller weights of the losses, or float32 in place of "
    "mixed precision."
)


class TerminateOnNonFinite(keras.callbacks.Callback):
    """Ends a training when a loss or a weight is NaN or infinite, for a `CRDTrainer`.

    It looks at the end of each epoch, at the running means of all losses, those of the
    teacher included, so that no step waits for its numbers. Put it before the callbacks
    that evaluate, keep the best networks, log or write checkpoints: they do not run any
    more, and what they have kept stays as it was.

    `keras.callbacks.TerminateOnNaN` can be used as well. It looks at one number after
    each step, the student's `loss`, sees nothing while a schedule trains the teacher
    alone, and lets the other callbacks of the epoch run, checkpoints included.

    Args:
        advice: What to try, a sentence for the error.

    Raises:
        FloatingPointError: At the end of such an epoch. It names the losses and the
            epoch.

    Example:

    ```python
    callbacks = [TerminateOnNonFinite(), best_teacher, best_student, checkpoint]
    trainer.fit(pairs, epochs=100, callbacks=callbacks)
    ```
    """

    def __init__(self, advice: str = _ADVICE):
        super().__init__()
        self.advice = advice

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        found = non_finite(self.model, logs or {})
        if found:
            raise FloatingPointError(
                f"The training is no longer finite in epoch {epoch + 1}. Checkpoints "
                "and the best teacher and student are those from before. "
                f"{self.advice} Received: {', '.join(found)}"
            )
