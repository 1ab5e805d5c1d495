"""Checkpoints on disk: whole or not counted."""

from crd_keras.training.checkpoints.folder import CheckpointFolder
from crd_keras.training.checkpoints.stored import StoredCheckpoint

__all__ = ["CheckpointFolder", "StoredCheckpoint"]
