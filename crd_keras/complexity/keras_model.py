"""Parameters and multiply-accumulates (MACs) of a Keras model."""

import contextlib
import math
from collections.abc import Callable, Iterator

import keras

from crd_keras.complexity.counts import Complexity, NotCountedError

# Their weights scale, shift or bend single numbers. As is the custom, only the
# multiplications of convolutions and dense layers are counted.
_FREE_LAYERS = (
    keras.layers.RMSNormalization,
    keras.layers.Normalization,
    keras.layers.PReLU,
)


def count_model(
    model: keras.Model,
    image_size: int | tuple[int, int] = 256,
    input_shape: tuple[int, ...] | None = None,
    free_layers: tuple[type[keras.layers.Layer], ...] = (),
) -> Complexity:
    """See `crd_keras.complexity.complexity`."""
    if not model.built:
        raise ValueError(
            f"`model` must be built: call it once. Received: {model.name}, not built"
        )
    # Keras has no public list of nested layers, nor of the weights that one layer
    # owns by itself. `.trainable_weights` would leave out what is frozen.
    layers = model._flatten_layers()
    _check_known(layers, free_layers)
    parameters = {id(w): w for layer in layers for w in layer._trainable_variables}
    counter = _MacCounter()
    counter.trace(model, layers, _input_specs(model, image_size, input_shape))
    return Complexity(
        parameters=sum(math.prod(w.shape) for w in parameters.values()),
        macs=counter.macs,
        macs_paper=counter.macs_paper,
    )


def _conv_macs(layer, inputs, outputs):
    # The kernel (height, width, channels in / groups, channels out) is multiplied
    # once per output position.
    macs = _positions(layer, outputs) * math.prod(layer.kernel.shape)
    return macs, macs


def _depthwise_macs(layer, inputs, outputs):
    macs = _positions(layer, outputs) * math.prod(layer.kernel.shape)
    return macs, macs


def _separable_macs(layer, inputs, outputs):
    kernels = (layer.depthwise_kernel, layer.pointwise_kernel)
    per_position = sum(math.prod(kernel.shape) for kernel in kernels)
    macs = _positions(layer, outputs) * per_position
    return macs, macs


def _transposed_macs(layer, inputs, outputs):
    macs = _positions(layer, inputs) * math.prod(layer.kernel.shape)
    # The published counts see input size times stride come out. Keras' "valid"
    # gives a border more, which our models crop: it must not be counted.
    return macs, macs * math.prod(layer.strides)


def _normalization_macs(layer, inputs, outputs):
    return 0, math.prod(outputs.shape) if layer.scale or layer.center else 0


def _dense_macs(layer, inputs, outputs):
    macs = math.prod(inputs.shape[:-1]) * math.prod(layer.kernel.shape)
    return macs, macs


_MACS: dict[type, Callable] = {
    keras.layers.Conv2D: _conv_macs,
    keras.layers.DepthwiseConv2D: _depthwise_macs,
    keras.layers.SeparableConv2D: _separable_macs,
    keras.layers.Conv2DTranspose: _transposed_macs,
    keras.layers.Dense: _dense_macs,
    keras.layers.BatchNormalization: _normalization_macs,
    keras.layers.GroupNormalization: _normalization_macs,
    keras.layers.LayerNormalization: _normalization_macs,
}


class _MacCounter:
    """Adds up the MACs of the layers that are called during a trace."""

    def __init__(self) -> None:
        self.macs = 0
        self.macs_paper = 0

    def trace(
        self,
        model: keras.Model,
        layers: list[keras.layers.Layer],
        inputs: list[keras.KerasTensor],
    ) -> None:
        def call_model(*tensors):
            # PyTorch may trace a second time, when an operation cannot be traced
            # without data.
            self.macs = self.macs_paper = 0
            return model(tensors[0] if len(tensors) == 1 else list(tensors))

        with contextlib.ExitStack() as stack:
            for layer in layers:
                for layer_class, count in _MACS.items():
                    if isinstance(layer, layer_class):
                        stack.enter_context(self._counted(layer, count))
            _Traced(call_model).compute_output_spec(*inputs)

    @contextlib.contextmanager
    def _counted(self, layer: keras.layers.Layer, count: Callable) -> Iterator[None]:
        original = layer.call

        def call(inputs, *args, **kwargs):
            outputs = original(inputs, *args, **kwargs)
            macs, macs_paper = count(layer, inputs, outputs)
            self.macs += macs
            self.macs_paper += macs_paper
            return outputs

        layer.call = call
        try:
            yield
        finally:
            del layer.call  # the method of the class shows again


class _Traced(keras.layers.Layer):
    """Lets Keras trace a function on each backend through a layer's public method.

    Calling a functional model with symbolic inputs would not call its nested
    models' layers, and would add nodes to the graph of the caller's model.
    """

    def __init__(self, function: Callable):
        super().__init__()
        self._function = function

    def call(self, *tensors):
        return self._function(*tensors)


def _positions(layer, images):
    """Batch size x height x width, in either data format."""
    axis = -1 if layer.data_format == "channels_last" else 1
    return math.prod(images.shape) // images.shape[axis]


def _check_known(layers: list, free_layers: tuple) -> None:
    known = (*_MACS, *_FREE_LAYERS, *free_layers)
    for layer in layers:
        own_weights = layer._trainable_variables + layer._non_trainable_variables
        if own_weights and not isinstance(layer, known):
            name = f"{type(layer).__name__} '{layer.name}'"
            raise NotCountedError(
                "`model` has a layer with weights whose MACs are not known: add its "
                f"class to `free_layers` to count none. Received: {name}",
                [name],
            )


def _input_specs(model, image_size, input_shape):
    if input_shape is not None:
        return [keras.KerasTensor((1, *input_shape), dtype=model.compute_dtype)]
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise ValueError(
            "`input_shape` is needed for a model that is not functional. "
            f"Received: {model.name} ({type(model).__name__})"
        )
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    specs = []
    for tensor in inputs:
        shape = [1, *tensor.shape[1:]]
        if shape.count(None) not in (0, 2):
            raise ValueError(
                "`input_shape` is needed where a model's input leaves open something "
                f"else than height and width. Received: {tensor.shape}"
            )
        # Height comes before width in both data formats.
        open_sizes = iter(size)
        shape = [next(open_sizes) if d is None else d for d in shape]
        specs.append(keras.KerasTensor(shape, dtype=tensor.dtype))
    return specs
