"""An `.onnx` file, run by ONNX Runtime on the processor."""

import math
import pathlib
from types import ModuleType
from typing import Any

import numpy as np

from crd_keras.complexity.graph_counts import Constant, GraphCounts
from crd_keras.complexity.model_file import (
    ModelFile,
    image_shape,
    random_image,
    threads,
)
from crd_keras.export.runtimes.onnx_runtime import ONNXRuntimeModel, make_session

# Their kernels are multiplied as `_macs` says.
_MULTIPLYING = ("Conv", "ConvTranspose", "Gemm", "MatMul")
# Constants of these are weights, one multiplication or addition for each number.
_ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "PRelu")
_NORMALIZING = (
    "BatchNormalization",
    "InstanceNormalization",
    "LayerNormalization",
    "GroupNormalization",
)
# Change the form of a constant on its way to where it is used.
_PASSING = (
    "Cast",
    "DequantizeLinear",
    "Identity",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
)
# Look numbers up.
_FREE = ("Gather",)


def load(path: pathlib.Path, image_size: int | tuple[int, int]) -> ModelFile:
    """See `open_model_file`."""
    onnx = _import()
    model = onnx.inliner.inline_local_functions(onnx.load(path))
    running = ONNXRuntimeModel(path, threads())
    shape = image_shape([running.input_shape], image_size)
    image = random_image(shape, running.dtype)
    return ModelFile(
        running.runtime,
        shape,
        lambda: _count(model, {running.input_name: image}),
        lambda: running(image),
    )


def _count(model, inputs):
    constants = _Constants(model.graph)
    shapes = _shapes(model, inputs)
    counts = GraphCounts()
    for node in model.graph.node:
        operands = [constants.behind(name) for name in node.input]
        if node.domain not in ("", "ai.onnx") or _has_subgraph(node):
            counts.add_unknown(node.op_type)
        elif node.op_type in _MULTIPLYING:
            _add_multiplication(counts, node, operands, shapes)
        elif node.op_type in _NORMALIZING:
            _add_normalization(counts, node, constants, shapes)
        elif node.op_type in _ELEMENTWISE:
            for operand in filter(None, operands):
                counts.add_operand(operand)
        elif node.op_type not in (*_PASSING, *_FREE):
            if any(operand.is_kernel for operand in filter(None, operands)):
                counts.add_unknown(node.op_type)
    return counts.result()


def _add_multiplication(counts, node, operands, shapes):
    taken, given = shapes[node.input[0]], shapes[node.output[0]]
    is_product = node.op_type in ("Gemm", "MatMul")
    kernel = operands[1] or (operands[0] if is_product else None)
    if kernel is None:
        # Products of two activations are free, as in `crd_keras.complexity`.
        if not is_product:
            counts.add_unknown(f"{node.op_type} with a kernel that is computed")
        return
    counts.add_kernel(kernel)
    for bias in filter(None, operands[2:]):
        counts.add_bias(bias)
    # Kernels of convolutions: (out, in / groups, height, width), or transposed
    # (in, out / groups, height, width).
    if node.op_type == "Conv":
        counts.add_macs(given[0] * math.prod(given[2:]) * kernel.size)
    elif node.op_type == "ConvTranspose":
        strides = tuple(_attribute(node, "strides", ()))
        counts.add_macs(taken[0] * math.prod(taken[2:]) * kernel.size, strides)
    else:
        depth = taken[0] if _attribute(node, "transA", 0) else taken[-1]
        counts.add_macs(math.prod(given) * depth)


def _add_normalization(counts, node, constants, shapes):
    """Scale and offset, which PyTorch writes as ones and zeros where there are none."""
    operands = [constants.behind(name) for name in node.input[1:3]]
    scale = constants.values(operands[0]) if operands[0] else 0
    if np.any(scale != 1) or not all(o and o.is_zero for o in operands[1:]):
        for operand in filter(None, operands):
            counts.add_operand(operand)
        counts.add_normalization(math.prod(shapes[node.output[0]]))


class _Constants:
    """The constants of a graph, also behind operations that only change their form."""

    def __init__(self, graph: Any) -> None:
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._sources = {}
        for node in graph.node:
            if node.op_type == "Constant":
                tensor = _attribute(node, "value", None)
                if tensor is not None:
                    self._tensors[node.output[0]] = tensor
            elif node.op_type in _PASSING:
                self._sources[node.output[0]] = node.input[0]

    def behind(self, name: str) -> Constant | None:
        """The constant that a tensor is made of, `None` if there is none."""
        while name in self._sources:
            name = self._sources[name]
        if name not in self._tensors:
            return None
        values = _values(self._tensors[name])
        is_index = np.issubdtype(values.dtype, np.integer) and values.itemsize > 1
        return Constant(name, values.shape, not is_index, not np.any(values))

    def values(self, constant: Constant) -> np.ndarray:
        return _values(self._tensors[constant.key])


def _values(tensor):
    return _import().numpy_helper.to_array(tensor)


def _shapes(model, inputs):
    """Shapes of the tensors that the counts need, found out by running the graph."""
    helper, integer = _import().helper, _import().TensorProto.INT64
    probe = type(model)()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    names = {
        name
        for node in model.graph.node
        if node.op_type in (*_MULTIPLYING, *_NORMALIZING)
        for name in (node.input[0], node.output[0])
    }
    for name in names:
        shape = f"shape of {name}"
        probe.graph.node.append(helper.make_node("Shape", [name], [shape]))
        probe.graph.output.append(helper.make_tensor_value_info(shape, integer, None))
    if not names:
        return {}
    session = make_session(probe.SerializeToString(), threads())
    results = session.run(None, inputs)
    return {n: [int(s) for s in r] for n, r in zip(names, results, strict=True)}


def _attribute(node, name, default):
    for attribute in node.attribute:
        if attribute.name == name:
            return _import().helper.get_attribute_value(attribute)
    return default


def _has_subgraph(node):
    return any(a.HasField("g") or a.graphs for a in node.attribute)


def _import() -> ModuleType:
    try:
        import onnx.inliner
    except ImportError as error:
        raise ImportError(
            'ONNX files need onnx: `pip install "crd_keras[export]"`. '
            f"Received: {error}"
        ) from error
    return onnx
