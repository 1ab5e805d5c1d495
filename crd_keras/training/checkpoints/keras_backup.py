"""Checkpoints of runs that began before there was `crd_keras.callbacks.Checkpoint`.

Those runs used `keras.callbacks.BackupAndRestore(double_checkpoint=True)`. It writes
in place: `latest.weights.h5`, then `training_metadata.json` with the number of finished
epochs, after copies of the former two with the suffix `.bkp`.
"""

import json
import pathlib

import h5py

from crd_keras.training.checkpoints.stored import StoredCheckpoint

_WEIGHTS, _METADATA = "latest.weights.h5", "training_metadata.json"
FILES = [name + suffix for name in (_WEIGHTS, _METADATA) for suffix in ("", ".bkp")]


def newest_keras_backup(
    folder: pathlib.Path,
) -> tuple[StoredCheckpoint | None, list[str]]:
    """The newest whole checkpoint of this kind.

    Args:
        folder: Where they are.

    Returns:
        The checkpoint, `None` if there is none, and a line for each that is broken.
    """
    problems = []
    for suffix in ("", ".bkp"):
        weights, metadata = (folder / (n + suffix) for n in (_WEIGHTS, _METADATA))
        if not (weights.exists() or metadata.exists()):
            continue
        try:
            epoch = json.loads(metadata.read_bytes())["epoch"]
            if type(epoch) is not int or epoch < 1:
                raise ValueError("no epoch in its metadata")
            if metadata.stat().st_mtime_ns < weights.stat().st_mtime_ns:
                raise ValueError("its metadata are of an older one")
            # An interrupted write was closed as a file with layers missing.
            if not _content(weights) >= _content_of_former(folder):
                raise ValueError("layers are missing in it")
        except (OSError, KeyError, TypeError, ValueError) as error:
            problems.append(f"{weights}: {error}")
            continue
        return StoredCheckpoint(weights, metadata, epoch), problems
    return None, problems


def _content_of_former(folder):
    try:
        return _content(folder / f"{_WEIGHTS}.bkp")
    except OSError:
        return set()


def _content(path):
    found = set()
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.add((name, getattr(item, "shape", ())))
        )
    return found
