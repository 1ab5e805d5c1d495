"""Loading a model that a training has saved."""

import json
import pathlib
from typing import Any

import keras

import crd_keras  # noqa: F401  registers the layers of its models


def load_model(path: str) -> keras.Model:
    """Loads a `.keras` file.

    Args:
        path: The file. Its optimizer and losses are left out.

    Raises:
        ValueError: If there is no such file, or it cannot be loaded: in one line.
    """
    if not pathlib.Path(path).is_file():
        raise ValueError(f"there is no model file {path}")
    if not path.endswith(".keras"):
        raise ValueError(f"a model file must end with .keras. Received: {path}")
    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras lets through whatever its readers raise.
        reason = str(error).strip().split("\n")[0] or type(error).__name__
        raise ValueError(f"{path} cannot be loaded: {reason}") from error


def run_settings(folder: pathlib.Path) -> dict[str, Any]:
    """The settings of the run in a folder, empty where there is no run.json.

    Raises:
        ValueError: If run.json is not that of a run: in one line.
    """
    record = folder / "run.json"
    if not record.is_file():
        return {}
    try:
        content = json.loads(record.read_text())
    except ValueError:
        content = None
    settings = content.get("settings") if isinstance(content, dict) else None
    size = settings.get("image_size", 1) if isinstance(settings, dict) else None
    if type(size) is not int or size < 1:
        raise ValueError(
            "`--model` must be in the folder of a run, or of none. "
            f"Received: {record}, which is not that of a run"
        )
    return settings
