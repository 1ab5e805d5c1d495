"""The students of an experiment: one, a family of sizes, or those of a file."""

import dataclasses
import json
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.settings import Settings, check_settings

_PER_STUDENT = {
    field.name: field
    for field in dataclasses.fields(Settings)
    if field.metadata["per_student"]
}


def students_of(settings: Settings) -> dict[str, Settings]:
    """The settings of each student by its name.

    Args:
        settings: Those of the experiment.

    Returns:
        One student is called `"student"`. Those of `student_filters=(8, 16)` are called
        `"filters8"` and `"filters16"`, those of a file as its tables are.

    Raises:
        ValueError: If the file of `students` cannot be read or is no TOML file of
            tables of such settings, or a number of filters is given twice.
    """
    if settings.students is not None:
        return _from_file(settings)
    filters = settings.student_filters
    if isinstance(filters, int):
        return {"student": settings}
    if len(set(filters)) < len(filters):
        raise ValueError(
            "`--student_filters` must name each number once. Received: "
            f"{','.join(map(str, filters))}"
        )
    return {
        f"filters{n}": dataclasses.replace(settings, student_filters=n) for n in filters
    }


def is_family(settings: Settings) -> bool:
    """Whether there is more than the single student that needs no name."""
    return settings.students is not None or isinstance(settings.student_filters, tuple)


def student_settings(settings: Settings) -> dict[str, Any]:
    """The settings in which students of one teacher may differ, by name."""
    return {name: getattr(settings, name) for name in _PER_STUDENT}


def students_text(students: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of a TOML file of students, as `students_of` reads it.

    Args:
        students: The settings in which each differs, by its name. What is `None`, the
            default, is left out.
    """
    tables = []
    for name, changes in students.items():
        # What JSON writes of texts and numbers is TOML as well.
        settings = (
            f"{key} = {json.dumps(value)}"
            for key, value in changes.items()
            if value is not None
        )
        tables.append("\n".join([f"[{json.dumps(name)}]", *settings]))
    return "\n\n".join(tables) + "\n"


def _from_file(settings):
    tables = _read(settings.students)
    if isinstance(settings.student_filters, tuple):
        raise ValueError(
            "`--student_filters` must be one number where --students names the family. "
            f"Received: {','.join(map(str, settings.student_filters))}"
        )
    students = {}
    for name, changes in tables.items():
        where = f"`--students`: [{name}] of {settings.students}"
        if not isinstance(changes, dict):
            raise ValueError(
                f"{where} must be a table of settings. Received: {changes!r}"
            )
        changes = {key: _value(where, key, value) for key, value in changes.items()}
        if discriminator := changes.get("student_discriminator"):
            # What the file names can be moved with it.
            beside = pathlib.Path(settings.students).parent
            changes["student_discriminator"] = str(beside / discriminator)
        students[name] = dataclasses.replace(settings, **changes)
        try:
            check_settings(students[name])
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
    return students


def _read(path):
    try:
        tables = tomllib.loads(pathlib.Path(path).read_text())
    except OSError as error:
        raise ValueError(
            f"`--students` must be a file that can be read: {error.strerror}. "
            f"Received: {path}"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"`--students` must be a TOML file: {error}") from error
    if not tables:
        raise ValueError(
            "`--students` must be a file with a table for each student. Received: "
            f"{path} without one"
        )
    return tables


def _value(where: str, key: str, value: Any) -> Any:
    if key not in _PER_STUDENT:
        raise ValueError(
            f"{where} must have settings in which students may differ, "
            f"{', '.join(_PER_STUDENT)}. Received: {key}"
        )
    default = _PER_STUDENT[key].default
    kind = str if default is None else type(default)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(
            f"{where}: {key} must be of the kind {kind.__name__}. Received: {value!r}"
        )
    return value
