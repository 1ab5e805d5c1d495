"""What has to be known about an architecture to read and write it."""

import abc
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from crd_keras.interop.layer_weights import LayerWeight, layer_weights

Shapes = Mapping[str, tuple[int, ...]]

# What normalisations of PyTorch track. An instance normalisation does not use it, or
# would, evaluated, normalise by other images' statistics; a batch normalisation needs
# no counter of steps.
_TRACKED = (".running_mean", ".running_var", ".num_batches_tracked")


class Architecture(abc.ABC):
    """One architecture: its names in PyTorch and its builder in Keras.

    Attributes:
        name: What `crd convert --architecture` calls it.
        layer_names: Names of Keras layers that a model of this architecture has, and
            no other.
        optional: Shapes of arrays, by name, that a state dict may have and the Keras
            model has not.
    """

    name: str
    layer_names: frozenset[str]
    optional: Shapes = {}

    @abc.abstractmethod
    def recognises(self, shapes: Shapes) -> bool:
        """Whether a state dict with arrays of these names is of this architecture."""

    @abc.abstractmethod
    def settings(self, shapes: Shapes) -> dict[str, int | str]:
        """Filters, blocks and the like, from the shapes in a state dict.

        Raises:
            ValueError: If the names or shapes that tell them are not there, or tell
                of something that the Keras model has not.
        """

    @abc.abstractmethod
    def build(self, settings: Mapping[str, Any], shapes: Shapes) -> keras.Model:
        """The Keras model for `settings` of a state dict with these shapes."""

    @abc.abstractmethod
    def modules(self, model: keras.Model) -> Iterable[tuple[str, keras.layers.Layer]]:
        """PyTorch's module names with the layers of a Keras model of this architecture.

        In the order of PyTorch's state dict.
        """

    def weights(self, model: keras.Model) -> dict[str, LayerWeight]:
        """The weights of a Keras model of this architecture by name.

        In PyTorch's order.

        Raises:
            ValueError: If the model doubles images by resizing them.
        """
        if any(isinstance(x, keras.layers.UpSampling2D) for x in model.layers):
            raise ValueError(
                "`model` must double images by transposed convolutions, as PyTorch's "
                f'networks do. Received: {model.name} with `upsampling="resize"`'
            )
        return {
            f"{module}.{name}": weight
            for module, layer in self.modules(model)
            for name, weight in layer_weights(layer).items()
        }

    def left_out(self, shapes: Iterable[str], expected: Iterable[str]) -> list[str]:
        """Names of arrays that a Keras model does without."""
        expected = set(expected)
        return [
            name
            for name in shapes
            if name not in expected
            and (name in self.optional or name.endswith(_TRACKED))
        ]


def kernel_shape(shapes: Shapes, name: str) -> tuple[int, ...]:
    """The shape of a convolution's kernel.

    Raises:
        ValueError: If there is no array of this name, or it is no kernel.
    """
    if name not in shapes:
        raise ValueError(f"1 missing ({name})")
    if len(shapes[name]) != 4:
        raise ValueError(f"1 of another shape ({name} {shapes[name]}, not a kernel)")
    return shapes[name]


def with_norms(
    model: keras.Model,
) -> dict[str, tuple[keras.layers.Layer, keras.layers.Layer | None]]:
    """Each convolution by name, and the batch normalisation that follows it, if any.

    Args:
        model: A model whose layers with weights come one after the other.
    """
    layers = [layer for layer in model.layers if layer.weights]
    result = {}
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if not isinstance(layer, keras.layers.BatchNormalization):
            is_norm = isinstance(following, keras.layers.BatchNormalization)
            result[layer.name] = layer, following if is_norm else None
    return result
