"""What a trainer does by default for a kind of teacher, and what that one allows."""

from crd_keras.gans.teacher import Teacher
from crd_keras.schedules import Schedule, StudentOnly, get_schedule

REGIMES = ("updating-freezing", "updating", "none")


def choose_regime(regime: str | None, teacher: Teacher) -> str:
    """The discriminator's regime, by default the teacher's.

    Args:
        regime: As in `CRDTrainer`.
        teacher: The teacher.

    Raises:
        ValueError: If there is no such regime, or no discriminator to update.
    """
    if regime is None:
        # The discriminator of a teacher that is not trained would learn nothing.
        updates = not teacher.is_trained and bool(teacher.discriminators)
        return "updating" if updates else "updating-freezing"
    if regime not in REGIMES:
        raise ValueError(
            f"`discriminator_regime` must be one of {REGIMES}. "
            f"Received: discriminator_regime={regime!r}"
        )
    if regime == "updating":
        check_has_discriminator(teacher, "discriminator_regime", regime)
    return regime


def choose_schedule(schedule: str | Schedule | None, teacher: Teacher) -> Schedule:
    """The schedule, by default the teacher's.

    Args:
        schedule: As in `CRDTrainer`.
        teacher: The teacher.

    Raises:
        ValueError: If there is no such schedule, or it trains a teacher that cannot be.
    """
    if schedule is None:
        schedule = "joint" if teacher.is_trained else "student_only"
    chosen = get_schedule(schedule)
    if not (teacher.is_trained or isinstance(chosen, StudentOnly)):
        raise ValueError(
            f'`schedule` must be "student_only" with a {type(teacher).__name__}, which '
            f"is not trained. Received: schedule={schedule!r}"
        )
    return chosen


def check_has_discriminator(teacher: Teacher, argument: str, value: str) -> None:
    """Raises a `ValueError` if the teacher has no discriminator, which is needed.

    Args:
        teacher: The teacher.
        argument: The argument that needs it.
        value: Its value.
    """
    if not teacher.discriminators:
        raise ValueError(
            f"`{argument}` needs a teacher with a discriminator. "
            f"Received: {argument}={value!r} for a {type(teacher).__name__} without one"
        )
