"""The students of a `CRDTrainer`, from its argument."""

import re
from collections.abc import Mapping
from typing import TypeAlias

import keras

from crd_keras.gans.teacher import Teacher
from crd_keras.training.student import Distillation, Student

Students: TypeAlias = keras.Model | Student | Mapping[str, keras.Model | Student]

# Names are parts of the names of logs and files.
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"


def needs_losses(students: Students) -> bool:
    """Whether a student has no distillation losses of its own."""
    return any(
        not isinstance(student, Student) or student.distillation.losses is None
        for student in _by_name(students).values()
    )


def connect_students(
    students: Students,
    teacher: Teacher,
    default: Distillation,
    discriminator_regime: str,
) -> dict[str, Student]:
    """Makes students of a teacher.

    Args:
        students: One, or a dict of names to several.
        teacher: Their teacher.
        default: What they minimise where they say nothing themselves.
        discriminator_regime: As in `CRDTrainer`.

    Returns:
        The students by name. One that was given without is called `"student"`.

    Raises:
        ValueError: If a student does not fit the teacher, if two are one model, if a
            name is no plain name, or if the regime takes one student only.
    """
    named = {
        name: student if isinstance(student, Student) else Student(student)
        for name, student in _by_name(students).items()
    }
    is_single = not isinstance(students, Mapping)
    _check_names(named)
    for name, student in named.items():
        argument = "student" if is_single else f"students[{name!r}]"
        teacher.check_student(student.network, argument)
    networks = [student.network for student in named.values()]
    if len({id(network) for network in networks}) < len(networks):
        raise ValueError(
            "`students` must be different models. "
            f"Received: {[network.name for network in networks]}, some of them the "
            "same object"
        )
    if discriminator_regime == "updating" and len(named) > 1:
        raise ValueError(
            '`discriminator_regime="updating"` lets a student change the '
            "discriminator, and with it the teacher of all others: it takes a single "
            f"student. Received: {len(named)} students"
        )
    for name, student in named.items():
        prefix = "" if is_single else f"{name}/"
        student.connect(teacher, default, discriminator_regime != "none", prefix)
    return named


def _by_name(students):
    return dict(students) if isinstance(students, Mapping) else {"student": students}


def _check_names(students):
    if not students:
        raise ValueError("`students` must name at least one. Received: {}")
    for name in students:
        if not isinstance(name, str) or not re.fullmatch(_NAME, name):
            raise ValueError(
                "`students` must have names of letters, digits, `_`, `.`, `+` and `-`. "
                f"Received: {name!r}"
            )
