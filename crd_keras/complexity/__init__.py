"""What networks cost: parameters, multiply-accumulates, bytes and latency."""

from crd_keras.complexity.complexity import complexity
from crd_keras.complexity.counts import Complexity, NotCountedError
from crd_keras.complexity.measure import measure

__all__ = ["Complexity", "NotCountedError", "complexity", "measure"]
