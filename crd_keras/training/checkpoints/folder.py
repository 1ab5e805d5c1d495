"""The folder of a training's checkpoints."""

import hashlib
import os
import pathlib
import re
from collections.abc import Mapping, Sequence

from crd_keras.training.checkpoints import keras_backup
from crd_keras.training.checkpoints.stored import StoredCheckpoint
from crd_keras.utils.files import atomic_write, remove_left_overs

_NAME = r"epoch_\d{4,}_step_\d{6,}\.(weights\.h5|json)"


class CheckpointFolder:
    """Keeps the newest checkpoint, and the one before it.

    A checkpoint is two files, `epoch_0003_step_000012.weights.h5` and `.json`. The
    second is written last and names the first with its size and checksum: a checkpoint
    counts only if that is right. Other files in the folder are left alone.

    Args:
        path: The folder. It is made by the first `write`.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = pathlib.Path(path)
        # What was passed over by `newest`: a line for each.
        self.problems: list[str] = []
        self._newest: StoredCheckpoint | None = None
        self._is_read = False

    def newest(self) -> StoredCheckpoint | None:
        """The newest whole checkpoint; `None` if none was ever finished.

        Raises:
            ValueError: If there are finished ones, but none that is whole.
        """
        if not self._is_read:
            self._newest = self._read()
            self._is_read = True
        return self._newest

    def write(
        self,
        weights: bytes | memoryview,
        epoch: int,
        step: int,
        epoch_logs: Sequence[Mapping[str, float | str]],
        seeds: Sequence[Sequence[int]],
        running_means: Sequence[float | Sequence],
    ) -> StoredCheckpoint:
        """Writes a checkpoint. The former one stays, all older files go.

        Args:
            weights: The weights file.
            epoch: See `StoredCheckpoint`, like the rest.
            step: As there.
            epoch_logs: As there.
            seeds: As there.
            running_means: As there.

        Raises:
            OSError: If it cannot be written. The former one is as it was.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._remove_all_but(self.newest())
        name = f"epoch_{epoch:04d}_step_{step:06d}"
        stored = StoredCheckpoint(
            self.path / f"{name}.weights.h5",
            self.path / f"{name}.json",
            epoch,
            step,
            epoch_logs,
            seeds,
            running_means,
        )
        metadata = stored.to_json(
            memoryview(weights).nbytes, hashlib.sha256(weights).hexdigest()
        )
        atomic_write(stored.weights, weights)
        atomic_write(stored.metadata, metadata)
        self._newest = stored
        return stored

    def remove_unfinished(self) -> None:
        """Removes what interrupted writes have left."""
        remove_left_overs(self.path)

    def _remove_all_but(self, stored):
        kept = () if stored is None else (stored.weights, stored.metadata)
        # Metadata first: what they name is there as long as they are.
        for path in sorted(self._files(), key=lambda path: path.suffix != ".json"):
            if path not in kept:
                path.unlink()

    def _files(self):
        if not self.path.is_dir():
            return []
        return [
            path
            for path in self.path.iterdir()
            if re.fullmatch(_NAME, path.name) or path.name in keras_backup.FILES
        ]

    def _read(self):
        self.problems = []
        metadata = [path for path in self._files() if path.name.endswith(".json")]
        for path in sorted(metadata, key=_position, reverse=True):
            if path.name in keras_backup.FILES:
                continue
            try:
                return _checked(path)
            except (OSError, ValueError) as error:
                self.problems.append(f"{path}: {error}")
        stored, problems = keras_backup.newest_keras_backup(self.path)
        self.problems += problems
        if stored is None and self.problems:
            raise ValueError(
                f"No checkpoint in {self.path} is whole ({'; '.join(self.problems)}). "
                "Remove that folder to begin the training anew"
            )
        return stored


def _position(path):
    return tuple(map(int, re.findall(r"\d+", path.name)))


def _checked(metadata):
    """The checkpoint of a metadata file, if its weights are what it says."""
    stored, size, sha256 = StoredCheckpoint.from_json(metadata)
    if not stored.weights.is_file():
        raise ValueError(f"there is no {stored.weights.name}")
    found = stored.weights.stat().st_size
    if found != size:
        raise ValueError(f"{stored.weights.name} has {found} of {size} bytes")
    with open(stored.weights, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ValueError(f"the checksum of {stored.weights.name} is another")
    return stored
