"""A `.tflite` file, run by LiteRT on the processor."""

import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crd_keras.complexity.counts import Complexity
from crd_keras.complexity.graph_counts import Constant, GraphCounts
from crd_keras.complexity.model_file import (
    ModelFile,
    image_shape,
    random_image,
    threads,
)
from crd_keras.export.runtimes import load_exported
from crd_keras.export.runtimes.import_litert import import_litert
from crd_keras.export.tflite_graph import operator_names

# Their kernels are multiplied.
_MULTIPLYING = (
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "TRANSPOSE_CONV",
    "FULLY_CONNECTED",
    "BATCH_MATMUL",
)
# Constants of these are weights, one multiplication or addition for each number.
_ELEMENTWISE = ("ADD", "SUB", "MUL", "DIV", "PRELU")
# Change the form of a constant on its way to where it is used.
_PASSING = ("CAST", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "TRANSPOSE")
# Look numbers up.
_FREE = ("EMBEDDING_LOOKUP", "GATHER")
# What they do, or what is multiplied, is not to be seen in the main graph.
_OPAQUE = (
    "CALL",
    "CALL_ONCE",
    "CUSTOM",
    "DELEGATE",
    "IF",
    "READ_VARIABLE",
    "STABLEHLO_COMPOSITE",
    "STABLEHLO_CUSTOM_CALL",
    "STABLEHLO_WHILE",
    "WHILE",
)


def load(path: pathlib.Path, image_size: int | tuple[int, int]) -> ModelFile:
    """See `open_model_file`."""
    litert = import_litert("interpreter")
    schema = import_litert("schema_py_generated")
    content = path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content)
    # As the file has it, without the operations that LiteRT puts together.
    plain = litert.Interpreter(
        model_content=content,
        num_threads=threads(),
        experimental_op_resolver_type=(
            litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        ),
    )
    fast = load_exported(path, threads())
    shape = image_shape([fast.input_shape], image_size)
    image = random_image(shape, fast.dtype)

    def count_operations():
        _run(plain, image)
        details = plain.get_tensor_details()
        return count(model, {t["index"]: t["shape"].tolist() for t in details})

    return ModelFile(fast.runtime, shape, count_operations, lambda: fast(image))


def _run(interpreter, image):
    """Sets an interpreter up for images of this size, and runs it once."""
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, image.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(index, image)
    interpreter.invoke()


def count(model: Any, shapes: Mapping[int, Sequence[int]]) -> Complexity:
    """Parameters and MACs of the main graph. See `GraphCounts.result`.

    Args:
        model: The file's content, a `ModelT`.
        shapes: The shape of each tensor of the main graph, by its number.
    """
    constants = _Constants(model)
    counts = GraphCounts()
    for operator in model.subgraphs[0].operators:
        name = constants.name(operator)
        operands = [constants.behind(index) for index in operator.inputs]
        if name in _OPAQUE:
            counts.add_unknown(name)
        elif name in _MULTIPLYING:
            _add_multiplication(counts, name, operator, operands, shapes)
        elif name in _ELEMENTWISE:
            for operand in filter(None, operands):
                counts.add_operand(operand)
        elif name not in (*_PASSING, *_FREE):
            if any(operand.is_kernel for operand in filter(None, operands)):
                counts.add_unknown(name)
    return counts.result()


def _add_multiplication(counts, name, operator, operands, shapes):
    is_product = name == "BATCH_MATMUL"
    kernel = operands[1] or (operands[0] if is_product else None)
    if kernel is None:
        # Products of two activations are free, as in `crd_keras.complexity`.
        if not is_product:
            counts.add_unknown(f"{name} with a kernel that is computed")
        return
    counts.add_kernel(kernel)
    for bias in filter(None, operands[3 if name == "TRANSPOSE_CONV" else 2 :]):
        counts.add_bias(bias)
    given = shapes[operator.outputs[0]]
    if name == "TRANSPOSE_CONV":
        # Inputs: size of the output, kernel, images. Images have the channels last.
        taken, options = shapes[operator.inputs[2]], operator.builtinOptions
        strides = (options.strideH, options.strideW)
        counts.add_macs(math.prod(taken[:-1]) * kernel.size, strides)
    elif is_product:
        taken = shapes[operator.inputs[0]]
        depth = taken[-2 if operator.builtinOptions.adjX else -1]
        counts.add_macs(math.prod(given) * depth)
    else:
        # Kernels: (out, height, width, in / groups), depthwise (1, height, width,
        # out), fully connected (out, in).
        counts.add_macs(math.prod(given[:-1]) * kernel.size)


class _Constants:
    """The constants of a graph, also behind operations that only change their form."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graph = model.subgraphs[0]
        self._names = operator_names(model)
        types = import_litert("schema_py_generated").TensorType
        self._index_types = (types.INT16, types.INT32, types.INT64, types.BOOL)
        self._sources = {
            operator.outputs[0]: operator.inputs[0]
            for operator in self._graph.operators
            if self.name(operator) in _PASSING
        }

    def name(self, operator: Any) -> str:
        return self._names[operator.opcodeIndex]

    def behind(self, index: int) -> Constant | None:
        """The constant that a tensor is made of, `None` if there is none."""
        while index in self._sources:
            index = self._sources[index]
        if index < 0:  # an input that is left out
            return None
        tensor = self._graph.tensors[index]
        data = self._model.buffers[tensor.buffer].data
        if data is None or len(data) == 0:
            return None
        shape = () if tensor.shape is None else tuple(map(int, tensor.shape))
        is_weight = tensor.type not in self._index_types
        return Constant(tensor.buffer, shape, is_weight, not np.any(data))
