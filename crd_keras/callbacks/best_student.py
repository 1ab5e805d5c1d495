"""Keeping each student at its best."""

import keras

from crd_keras.callbacks.evaluation import Evaluation
from crd_keras.training.best_network import BestNetwork


class BestStudent(Evaluation):
    """Remembers the student at its best, `trainer.best_student.network`.

    Of several students each one, `trainer.students[name].best.network`. A GAN's last
    epoch is seldom its best. The training goes on as without it.

    Takes the arguments of `Evaluation`.
    """

    def networks(self) -> dict[str, tuple[keras.Model, BestNetwork]]:
        return {
            f"{student.prefix}student": (student.network, student.best)
            for student in self.model.students.values()
        }

    def epochs_trained(self, epoch: int) -> int | None:
        schedule = self.model.schedule
        _, trains_student = schedule.trains(epoch)
        return schedule.student_epochs(epoch) if trains_student else None
