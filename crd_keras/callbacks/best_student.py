"""Keeping the best student."""

import keras

from crd_keras.callbacks.evaluation import Evaluation
from crd_keras.training.best_network import BestNetwork


class BestStudent(Evaluation):
    """Remembers the best student so far, `trainer.best_student.network`.

    A GAN's last epoch is seldom its best. The training goes on as without it.

    Takes the arguments of `Evaluation`.
    """

    role = "student"

    def network(self) -> keras.Model:
        return self.model.student

    def best(self) -> BestNetwork:
        return self.model.best_student

    def epochs_trained(self, epoch: int) -> int | None:
        schedule = self.model.schedule
        _, trains_student = schedule.trains(epoch)
        return schedule.student_epochs(epoch) if trains_student else None
