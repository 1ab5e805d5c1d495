"""What a run wrote down of itself: `run.json` in its folder."""

import json
import os
import pathlib
from typing import Any

from crd_keras.utils.image_size import image_sides

NAME = "run.json"


def read_run_record(folder: str | os.PathLike) -> dict[str, Any]:
    """Reads the record of a run.

    Args:
        folder: The run's folder.

    Returns:
        What is in `run.json`, with at least `settings`, by name.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the file is empty, damaged or of another form: in one line.
    """
    path = pathlib.Path(folder) / NAME
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(
            f"{path} is not the whole record of a run. Received: "
            f"{'an empty file' if not path.stat().st_size else 'no JSON'}"
        ) from error
    if not isinstance(record, dict) or not isinstance(record.get("settings"), dict):
        raise ValueError(
            f"{path} must be the record of a run, with its settings by name. "
            "Received: JSON of another form"
        )
    _check_types(record, path)
    return record


def run_settings(folder: str | os.PathLike) -> dict[str, Any]:
    """The settings of the run in a folder, empty where there is no record.

    Args:
        folder: A folder.

    Raises:
        ValueError: If `run.json` is not that of a run: in one line.
    """
    try:
        return read_run_record(folder)["settings"]
    except FileNotFoundError:
        return {}


def _check_types(record, path):
    """What programs other than the run itself count on."""
    size = record["settings"].get("image_size", 256)
    try:
        image_sides(size)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{path} must have one or two positive numbers as `image_size`. "
            f"Received: {size!r}"
        ) from error
    for name, kind in (
        ("images", dict),
        ("weights", dict),
        ("versions", dict),
        ("earlier_sessions", list),
    ):
        if not isinstance(record.get(name, kind()), kind):
            raise ValueError(
                f"{path} must be the record of a run. Received: {name!r} of another "
                "form"
            )
