"""In which epochs teacher and student are updated, and with what learning rate."""

import abc
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.utils.validation import check_above, check_at_least


class Schedule(abc.ABC):
    """Says for each epoch, counted from 0, who is updated."""

    @abc.abstractmethod
    def trains(self, epoch: int) -> tuple[bool, bool]:
        """Whether the teacher and whether the student is updated in an epoch."""

    @abc.abstractmethod
    def teacher_epochs(self, epoch: int) -> int:
        """How many epochs the teacher has been trained when `epoch` has ended."""

    @abc.abstractmethod
    def student_epochs(self, epoch: int) -> int:
        """How many epochs the student has been trained when `epoch` has ended."""

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Schedule":
        return cls(**config)


@keras.saving.register_keras_serializable(package="crd_keras")
class Joint(Schedule):
    """Teacher and student are both updated in each step."""

    def trains(self, epoch: int) -> tuple[bool, bool]:
        return True, True

    def teacher_epochs(self, epoch: int) -> int:
        return epoch + 1

    def student_epochs(self, epoch: int) -> int:
        return epoch + 1


@keras.saving.register_keras_serializable(package="crd_keras")
class Phased(Schedule):
    """The teacher for some epochs, then the student for some, again and again.

    The published CycleGAN settings: 10 epochs of the teacher, then 40 of the student
    from the best teacher so far, with the discriminator fixed.

    Args:
        teacher_epochs_per_cycle: Epochs of the teacher before the student's turn.
        student_epochs_per_cycle: Epochs of the student before the teacher's turn.

    Raises:
        ValueError: If either is not positive.
    """

    def __init__(
        self, teacher_epochs_per_cycle: int = 10, student_epochs_per_cycle: int = 40
    ):
        check_at_least(
            1,
            teacher_epochs_per_cycle=teacher_epochs_per_cycle,
            student_epochs_per_cycle=student_epochs_per_cycle,
        )
        self.teacher_epochs_per_cycle = teacher_epochs_per_cycle
        self.student_epochs_per_cycle = student_epochs_per_cycle

    def trains(self, epoch: int) -> tuple[bool, bool]:
        _, position = self._cycle(epoch)
        teacher = position < self.teacher_epochs_per_cycle
        return teacher, not teacher

    def teacher_epochs(self, epoch: int) -> int:
        cycle, position = self._cycle(epoch)
        done = min(position + 1, self.teacher_epochs_per_cycle)
        return cycle * self.teacher_epochs_per_cycle + done

    def student_epochs(self, epoch: int) -> int:
        return epoch + 1 - self.teacher_epochs(epoch)

    def _cycle(self, epoch):
        length = self.teacher_epochs_per_cycle + self.student_epochs_per_cycle
        return divmod(epoch, length)

    def get_config(self) -> dict[str, Any]:
        return {
            "teacher_epochs_per_cycle": self.teacher_epochs_per_cycle,
            "student_epochs_per_cycle": self.student_epochs_per_cycle,
        }


@keras.saving.register_keras_serializable(package="crd_keras")
class StudentOnly(Schedule):
    """Only the student is updated; the teacher was trained elsewhere."""

    def trains(self, epoch: int) -> tuple[bool, bool]:
        return False, True

    def teacher_epochs(self, epoch: int) -> int:
        return 0

    def student_epochs(self, epoch: int) -> int:
        return epoch + 1


_BY_NAME = {"joint": Joint, "phased": Phased, "student_only": StudentOnly}


def get_schedule(identifier: str | Schedule) -> Schedule:
    """The schedule for a name or an instance.

    Args:
        identifier: `"joint"`, `"phased"`, `"student_only"` or a `Schedule`.

    Raises:
        ValueError: If it is neither.
    """
    if isinstance(identifier, Schedule):
        return identifier
    if identifier not in _BY_NAME:
        raise ValueError(
            f"`schedule` must be one of {tuple(_BY_NAME)} or a Schedule. "
            f"Received: schedule={identifier!r}"
        )
    return _BY_NAME[identifier]()


@keras.saving.register_keras_serializable(package="crd_keras")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is constant for some steps, then falls linearly to 0.

    Args:
        initial_learning_rate: Learning rate of the constant part.
        constant_steps: Number of steps of the constant part.
        decay_steps: Number of steps of the fall. Afterwards the rate is 0.

    Raises:
        ValueError: If `initial_learning_rate` or `decay_steps` is not positive,
            `constant_steps` is negative, or one of them is not finite.
    """

    def __init__(
        self, initial_learning_rate: float, constant_steps: int, decay_steps: int
    ):
        super().__init__()
        check_above(0, initial_learning_rate=initial_learning_rate)
        check_at_least(0, constant_steps=constant_steps)
        check_at_least(1, decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.constant_steps = constant_steps
        self.decay_steps = decay_steps

    def __call__(self, step: KerasTensor) -> KerasTensor:
        done = (ops.cast(step, "float32") - self.constant_steps) / self.decay_steps
        return self.initial_learning_rate * (1.0 - ops.clip(done, 0.0, 1.0))

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "constant_steps": self.constant_steps,
            "decay_steps": self.decay_steps,
        }
