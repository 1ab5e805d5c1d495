"""What networks cost: parameters, multiply-accumulates, bytes and latency."""

from crd_keras.complexity.keras_model import Complexity, complexity

__all__ = ["Complexity", "complexity"]
