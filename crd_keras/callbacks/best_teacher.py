"""Distilling from the best teacher so far."""

import keras

from crd_keras.callbacks.evaluation import Evaluation
from crd_keras.training.best_network import BestNetwork


class BestTeacher(Evaluation):
    """Has the students imitate the best teacher so far.

    From the epoch after its evaluation on, the students are distilled from the best
    generator; before the first evaluation, from the teacher as it is. The paper
    evaluates every 10 (horse2zebra), 6 (summer2winter) or 1 (edges2shoes) epochs.

    A teacher that is not trained (`FixedTeacher`, `StoredTeacher`) is not evaluated.

    Takes the arguments of `Evaluation`.
    """

    def networks(self) -> dict[str, tuple[keras.Model, BestNetwork]]:
        best = self.model.best_teacher
        return {} if best is None else {"teacher": (self.model.teacher.generator, best)}

    def epochs_trained(self, epoch: int) -> int | None:
        schedule = self.model.schedule
        trains_teacher, _ = schedule.trains(epoch)
        return schedule.teacher_epochs(epoch) if trains_teacher else None
