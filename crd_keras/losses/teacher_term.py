"""What losses compute of the teacher's images alone."""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from keras import KerasTensor, ops


class TeacherTerm(NamedTuple):
    """A function of the teacher's images, such as the features of a VGG.

    Two terms are equal if function and arguments are. `CRDTrainer` computes equal terms
    once in a step, whichever losses of whichever students ask for them.

    Attributes:
        function: A function of a module. It takes the teacher's images,
            `(batch, height, width, channels)` in [-1, 1], and the arguments, and
            returns tensors.
        arguments: Further arguments. A Keras model counts as itself.

    Example:

    ```python
    def mean_features(images, network):
        return keras.ops.mean(network(images), axis=(1, 2))

    TeacherTerm(mean_features, (network,))
    ```
    """

    function: Callable[..., Any]
    arguments: tuple[Hashable, ...] = ()

    def compute(self, images: KerasTensor) -> Any:
        """The term of a batch of images. No gradient flows to them."""
        return self.function(ops.stop_gradient(images), *self.arguments)
