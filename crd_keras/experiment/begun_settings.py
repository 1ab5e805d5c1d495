"""The settings of a run that has begun."""

import dataclasses
import os

from crd_keras.experiment.run_folder import MAY_CHANGE
from crd_keras.experiment.run_record import run_settings
from crd_keras.experiment.settings import Settings


def recorded_settings(folder: str | os.PathLike) -> Settings | None:
    """The settings of the run in a folder, `None` where there is no record.

    What was no setting yet when the run began was as it is by default.

    Raises:
        ValueError: If `run.json` is not that of a run: in one line.
    """
    recorded = run_settings(folder)
    if not recorded:
        return None
    known = {field.name for field in dataclasses.fields(Settings)}
    return Settings(**{k: _as_setting(v) for k, v in recorded.items() if k in known})


def begun_settings(folder: str | os.PathLike, preset: Settings) -> Settings:
    """A preset, with what a run must keep as the run began with it.

    So a run goes on although its preset, or a default, is another by now.

    Args:
        folder: The run's folder. Without a run in it, the preset is returned.
        preset: Has the values of what may change from session to session.

    Raises:
        ValueError: If `run.json` is not that of a run: in one line.
    """
    begun = recorded_settings(folder)
    if begun is None:
        return preset
    kept = {
        field.name: getattr(begun, field.name)
        for field in dataclasses.fields(Settings)
        # A run may be given more epochs, but has those that it began with.
        if field.name not in MAY_CHANGE or field.name == "epochs"
    }
    return dataclasses.replace(preset, **kept)


def _as_setting(value):
    # JSON knows no tuples.
    return tuple(value) if isinstance(value, list) else value
