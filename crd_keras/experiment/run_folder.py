"""The folder of a run: made once, gone on with, never overwritten."""

import dataclasses
import importlib.metadata
import json
import pathlib
import platform
import sys

from crd_keras import backend
from crd_keras.experiment.settings import Settings
from crd_keras.utils.files import atomic_write

# What a resumed run may change without becoming another run.
_MAY_CHANGE = {
    "epochs",
    "max_steps",
    "resume",
    "output_dir",
    "grid_every",
    "devices",
    "profile",
    "cache_mebibytes",
}

_PACKAGES = (
    "crd_keras",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "torch",
    "numpy",
    "tensorflow-datasets",
)


class RunFolder:
    """Where a run keeps what it makes.

    Args:
        path: The folder. It is made if it does not exist.
        settings: The run's settings.

    Raises:
        ValueError: If the folder cannot be written, if it holds another run or
            anything else and `settings.resume` is not set, or if it is to be resumed
            and holds no run or one of other settings.
    """

    def __init__(self, path: str, settings: Settings):
        self.path = pathlib.Path(path)
        self.settings = settings
        self.record = self.path / "run.json"
        self.checkpoint = self.path / "checkpoint"
        self.metrics = self.path / "metrics.csv"
        self.grids = self.path / "grids"
        self.tensorboard = self.path / "tensorboard"
        self.profile = self.path / "profile"
        self.report = self.path / "report.html"
        self.student = self.path / "student.keras"
        self.teacher = self.path / "teacher.keras"
        self.discriminator = self.path / "discriminator.keras"
        # Written last: a run that has it is finished.
        self.results = self.path / "results.json"
        self._check_writable()
        if settings.resume:
            self._check_same_run()
        elif any(self.path.iterdir()):
            raise ValueError(
                "`--output_dir` must be a new or empty folder: this one holds a run or "
                "other files. Pass --resume to go on with it, or another folder. "
                f"Received: {path}"
            )

    def _check_writable(self):
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise ValueError(
                "`--output_dir` must be a folder that can be written: "
                f"{error.strerror}. Received: {self.path}"
            ) from error

    def _check_same_run(self):
        if not self.record.exists():
            raise ValueError(
                "`--resume` needs an `--output_dir` that holds a run; there is no "
                f"{self.record.name} in it. Received: {self.path}"
            )
        # What was no setting yet when the run began was as it is by default.
        old = dataclasses.asdict(Settings())
        old |= json.loads(self.record.read_text())["settings"]
        new = dataclasses.asdict(self.settings)
        changed = [
            f"{name} ({old[name]!r}, now {new[name]!r})"
            for name in new
            if name not in _MAY_CHANGE and old[name] != new[name]
        ]
        if changed:
            raise ValueError(
                "`--resume` goes on with the settings that the run began with. "
                f"Received: other values of {', '.join(changed)}"
            )

    def write_record(self, used: dict[str, str]) -> dict[str, dict]:
        """Writes down the settings, what is used, and the versions.

        Args:
            used: What the run uses, such as data and weights, by name.

        Returns:
            What was written.
        """
        record = {
            "settings": dataclasses.asdict(self.settings),
            "used": used,
            "versions": _versions(),
            "command": sys.argv,
        }
        atomic_write(self.record, json.dumps(record, indent=2).encode())
        return record

    def first_epoch(self) -> int:
        """How many epochs the last checkpoint has behind it."""
        # `keras.callbacks.BackupAndRestore` writes this file.
        metadata = self.checkpoint / "training_metadata.json"
        if not metadata.exists():
            return 0
        return json.loads(metadata.read_text())["epoch"]


def _versions():
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"backend": backend.name, **versions}
