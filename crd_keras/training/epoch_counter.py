"""What a trainer does at the borders of epochs."""

from typing import Any

import keras
from keras import ops

from crd_keras import backend


class EpochCounter(keras.callbacks.Callback):
    """Tells a `CRDTrainer` which epoch begins, and logs the learning rates.

    The first of the callbacks of `CRDTrainer.fit`.
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Processes that train side by side must not drift apart, nor disagree on
        # which teacher was the best.
        backend.synchronize([*self.model.variables, *self.model.optimizer.variables])
        self.model.set_epoch(epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        trainer = self.model
        optimizers = {
            "generator": trainer.generator_optimizer,
            "discriminator": trainer.discriminator_optimizer,
            **{
                f"{student.prefix}student": student.optimizer
                for student in trainer.students.values()
            },
        }
        for name, optimizer in optimizers.items():
            rate = ops.convert_to_numpy(optimizer.learning_rate)
            logs[f"{name}_learning_rate"] = float(rate)
