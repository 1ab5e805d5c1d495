"""Checkpoints on disk: whole or not counted."""

from crd_keras.checkpoints.folder import CheckpointFolder
from crd_keras.checkpoints.stored import StoredCheckpoint

__all__ = ["CheckpointFolder", "StoredCheckpoint"]
