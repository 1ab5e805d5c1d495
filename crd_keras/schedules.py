"""In which epochs teacher and student are updated, and with what learning rate."""

import abc
from collections.abc import Sequence
from typing import Any, NamedTuple

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
class EpochRates(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate for each epoch.

    Args:
        rates: The learning rates. The last one stays when all epochs are over.
        steps_per_epoch: How many updates of the optimizer are an epoch.

    Raises:
        ValueError: If there is no rate, one is negative or not finite, or
            `steps_per_epoch` is not at least 1.
    """

    def __init__(self, rates: Sequence[float], steps_per_epoch: int):
        super().__init__()
        if not rates:
            raise ValueError("`rates` must hold at least one rate. Received: none")
        check_at_least(0, **{f"rates[{i}]": rate for i, rate in enumerate(rates)})
        check_at_least(1, steps_per_epoch=steps_per_epoch)
        self.rates = [float(rate) for rate in rates]
        self.steps_per_epoch = steps_per_epoch

    def __call__(self, step: KerasTensor) -> KerasTensor:
        epoch = ops.floor_divide(ops.cast(step, "int32"), self.steps_per_epoch)
        rates = ops.convert_to_tensor(self.rates, "float32")
        return ops.take(rates, ops.minimum(epoch, len(self.rates) - 1))

    def get_config(self) -> dict[str, Any]:
        return {"rates": self.rates, "steps_per_epoch": self.steps_per_epoch}


class LearningRates(NamedTuple):
    """The learning rates of the optimizers, as `CRDTrainer.compile` takes these."""

    generator: EpochRates
    discriminator: EpochRates
    student: EpochRates


def learning_rates(
    schedule: str | Schedule,
    initial_learning_rate: float,
    epochs: int,
    decay_epochs: int,
    steps_per_epoch: int,
    discriminator_regime: str = "updating-freezing",
) -> LearningRates:
    """Learning rates that fall together, once in each epoch of the teacher.

    Of `n` epochs of the teacher the one with the number `t`, counted from 0, has

        initial_learning_rate * (1 - max(0, t + 1 - (n - decay_epochs))
                                     / (decay_epochs + 1))

    as in the programs of CycleGAN and Pix2Pix: one epoch later it would be 0. A student
    that has turns of its own has in each the rate of the teacher's epoch before it, as
    in the published program of the paper.

    Args:
        schedule: As in `CRDTrainer`.
        initial_learning_rate: What they begin with.
        epochs: All epochs of the training, as for `fit`.
        decay_epochs: Over how many of the teacher's last epochs they fall. If the
            teacher is not trained: of the student's. 0: they are constant.
        steps_per_epoch: Batches in an epoch.
        discriminator_regime: As in `CRDTrainer`. With `"updating"` the discriminators'
            optimizer takes a step for the student, too.

    Raises:
        ValueError: If the schedule is unknown, `initial_learning_rate` is not positive,
            `epochs` or `steps_per_epoch` is not at least 1, or `decay_epochs` is
            negative.

    Example:

    ```python
    rates = crd_keras.schedules.learning_rates("joint", 2e-4, 200, 100, len(pairs))
    trainer.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates))
    trainer.fit(pairs, epochs=200)
    ```

    References:

    - [Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks](
      https://arxiv.org/abs/1703.10593), arXiv:1703.10593
    - [Exploring Content Relationships for Distilling Efficient GANs](
      https://arxiv.org/abs/2212.11091), arXiv:2212.11091
    """
    schedule = get_schedule(schedule)
    check_above(0, initial_learning_rate=initial_learning_rate)
    check_at_least(1, epochs=epochs)
    check_at_least(0, decay_epochs=decay_epochs)
    teacher_epochs = schedule.teacher_epochs(epochs - 1)
    counted = teacher_epochs or schedule.student_epochs(epochs - 1)
    decay = min(decay_epochs, counted)
    # The rates of each network's own epochs.
    generator, discriminator, student = [], [], []
    for epoch in range(epochs):
        trains_teacher, trains_student = schedule.trains(epoch)
        number = schedule.teacher_epochs(epoch) if teacher_epochs else epoch + 1
        fallen = max(0, number - (counted - decay)) / (decay + 1)
        rate = initial_learning_rate * (1 - fallen)
        if trains_teacher:
            generator.append(rate)
            discriminator.append(rate)
        if trains_student:
            student.append(rate)
            if discriminator_regime == "updating":
                discriminator.append(rate)
    return LearningRates(
        *(
            # What is never trained has a rate all the same.
            EpochRates(rates or [initial_learning_rate], steps_per_epoch)
            for rates in (generator, discriminator, student)
        )
    )


@keras.saving.register_keras_serializable(package="crd_keras")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is constant for some steps, then falls linearly to 0.

    Trainers of earlier versions were saved with it. `learning_rates` has what the paper
    and the published programs do.

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
