"""Translating pictures that are too large for memory, some rows at a time."""

from crd_keras.tiling.network import TiledNetwork, UntiledLayerError

__all__ = ["TiledNetwork", "UntiledLayerError"]
