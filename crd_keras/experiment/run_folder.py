"""The folder of a run: made once, gone on with, never overwritten."""

import dataclasses
import hashlib
import importlib.metadata
import json
import pathlib
import platform
import sys
from typing import Any

from crd_keras import backend
from crd_keras.callbacks import Checkpoint
from crd_keras.data import UnpairedSource
from crd_keras.experiment import run_record
from crd_keras.experiment.settings import Settings
from crd_keras.metrics.fingerprint import content_fingerprint
from crd_keras.utils.files import atomic_write, remove_left_overs
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock, belongs_to_lock
from crd_keras.utils.full_disk import DiskFullError

# What a resumed run may change without becoming another run.
MAY_CHANGE = {
    "epochs",
    "max_steps",
    "resume",
    "output_dir",
    "grid_every",
    "devices",
    "profile",
    "cache_mebibytes",
    # Pixels may be a grey level apart: as between machines, not as other settings.
    "pipeline",
    "checkpoint_minutes",
    "max_parameters",
    "max_macs",
    "max_bytes",
    "max_latency_ms",
}

# Files that may lie elsewhere by now, but must still be the same.
_FILES = (
    "teacher_weights",
    "discriminator_weights",
    "student_discriminator",
    "vgg_weights",
    "inception_weights",
    "students",
)

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


def run_path(recipe: str, preset: str, settings: Settings) -> str:
    """The folder of a run: `settings.output_dir`, or its default."""
    return settings.output_dir or f"runs/{recipe}-{preset}"


class RunFolder:
    """Where a run keeps what it makes; a context manager that holds its lock.

    Args:
        path: The folder. It is made if it does not exist.
        settings: The run's settings.

    Raises:
        DiskFullError: If there is no space left in the folder.
        FolderInUseError: If another process trains in it.
        ValueError: If the folder cannot be written, if it holds another run or
            anything else and `settings.resume` is not set, or if it is to be resumed
            and holds no run, a record that is none, or a run of other settings.
    """

    def __init__(self, path: str, settings: Settings):
        self.path = pathlib.Path(path)
        self.settings = settings
        self.record = self.path / run_record.NAME
        self.metrics = self.path / "metrics.csv"
        self.grids = self.path / "grids"
        self.tensorboard = self.path / "tensorboard"
        self.profile = self.path / "profile"
        self.report = self.path / "report.html"
        self.student = self.path / "student.keras"
        # Of a family: `student` is the best of them.
        self.students = self.path / "students"
        self.sizes = self.path / "student_sizes.json"
        self.teacher = self.path / "teacher.keras"
        self.discriminator = self.path / "discriminator.keras"
        # Written last: a run that has it is finished.
        self.results = self.path / "results.json"
        self._old = None
        self._images: dict[pathlib.Path, Any] = {}
        self._lock = self._locked()
        try:
            remove_left_overs(self.path)
            if settings.resume:
                self._old = self._same_run()
            else:
                self._check_new()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _locked(self):
        try:
            if self.settings.resume and not self.path.exists():
                self._check_begun()
            self.path.mkdir(parents=True, exist_ok=True)
            # An empty folder may be that of a run that was stopped when it had no more.
            if not self._is_new() and not self._was_locked():
                # Nothing is written to a folder that is somebody else's.
                self._check_begun() if self.settings.resume else self._check_new()
            lock = FolderLock(self.path)
            lock.acquire()
            return lock
        except (DiskFullError, FolderInUseError):
            raise
        except OSError as error:
            raise ValueError(
                "`--output_dir` must be a folder that can be written: "
                f"{error.strerror}. Received: {self.path}"
            ) from error

    def _was_locked(self):
        return any(belongs_to_lock(path) for path in self.path.iterdir())

    def _is_new(self):
        return all(belongs_to_lock(path) for path in self.path.iterdir())

    def _check_new(self):
        if not self._is_new():
            raise ValueError(
                "`--output_dir` must be a new or empty folder: this one holds a run or "
                "other files. Pass --resume to go on with it, or another folder. "
                f"Received: {self.path}"
            )

    def _check_begun(self):
        if not self.record.exists():
            raise ValueError(
                "`--resume` needs an `--output_dir` that holds a run; there is no "
                f"{self.record.name} in it. Received: {self.path}"
            )

    def _same_run(self):
        """The record so far, or `None` if the run was killed before it had one."""
        if self._is_new():
            return None
        self._check_begun()
        record = run_record.read_run_record(self.path)
        # What was no setting yet when the run began was as it is by default.
        old = dataclasses.asdict(Settings()) | record["settings"]
        new = json.loads(json.dumps(dataclasses.asdict(self.settings)))
        digests = record.get("weights", {})
        same = {k for k, digest in digests.items() if digest == _file_digest(new[k])}
        may_change = MAY_CHANGE | same
        if record.get("images"):
            # They are compared themselves.
            may_change.add("data_dir")
            if None not in (old["taught"], new["taught"]):
                may_change.add("taught")
        changed = [
            f"{name} ({old[name]!r}, now {new[name]!r})"
            if old[name] != new[name]
            else f"{name} ({new[name]!r}, whose content is another now)"
            for name in new
            if name not in may_change and (old[name] != new[name] or name in digests)
        ]
        if changed:
            raise ValueError(
                "`--resume` goes on with the settings that the run began with. "
                f"Received: other values of {', '.join(changed)}"
            )
        return record

    def check_images(self, source: UnpairedSource) -> None:
        """Refuses to go on with other images than those that the run began with.

        Args:
            source: The data.

        Raises:
            OSError: If an image cannot be read.
            ValueError: If there are others than before. They may lie in another folder.
        """
        self._images = _describe_images(source)
        old = {} if self._old is None else self._old.get("images", {})
        changed = [
            f"{split} ({_count(old[split])} images, now {images['count']})"
            for split, images in self._images.items()
            if split in old and old[split] != images
        ]
        if changed:
            raise ValueError(
                "`--resume` goes on with the images that the run began with. "
                f"Received: others in {', '.join(changed)}"
            )

    def write_record(self, used: dict[str, str]) -> dict[str, dict]:
        """Writes down the settings, what is used, and the versions.

        Of a resumed run the versions of the earlier sessions stay, the backend among
        them: it may be another one each time.

        Args:
            used: What the run uses, such as data and weights, by name.

        Returns:
            What was written.
        """
        settings = dataclasses.asdict(self.settings)
        digests = {name: _file_digest(settings[name]) for name in _FILES}
        record = {
            "settings": settings,
            "used": used,
            "versions": _versions(),
            "command": sys.argv,
            "earlier_sessions": self._earlier_sessions(),
            "images": self._images,
            "weights": {name: digest for name, digest in digests.items() if digest},
        }
        atomic_write(self.record, json.dumps(record, indent=2).encode())
        return record

    def _earlier_sessions(self):
        if self._old is None:
            return []
        last = {name: self._old.get(name) for name in ("versions", "command")}
        return [*self._old.get("earlier_sessions", []), last]

    def open_checkpoint(self) -> Checkpoint:
        """The callback that writes the run's checkpoints, and restores the newest.

        Raises:
            ValueError: If there are finished checkpoints, but none that is whole.
        """
        directory = self.path / "checkpoint"
        if self.settings.resume:
            # It says so if there is none in a folder that was made before.
            directory.mkdir(exist_ok=True)
        checkpoint = Checkpoint(directory, self.settings.checkpoint_minutes)
        checkpoint.newest()
        return checkpoint


def _versions():
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {"backend": backend.name, **versions}


def _describe_images(source):
    """Number and fingerprint of the images of each split."""
    splits = dict(source.splits)
    if source.taught is not None:
        splits["taught"] = source.taught
    # Two halves of the same pictures need not be read twice.
    fingerprints = {}
    for images in splits.values():
        if id(images.records) not in fingerprints:
            fingerprints[id(images.records)] = content_fingerprint(images)
    return {
        split: {"count": len(images), "fingerprint": fingerprints[id(images.records)]}
        for split, images in splits.items()
    }


def _count(images):
    return images.get("count") if isinstance(images, dict) else images


def _file_digest(path):
    """Of a file's content, `None` if it is no path of a file."""
    if path is None or not pathlib.Path(path).is_file():
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
