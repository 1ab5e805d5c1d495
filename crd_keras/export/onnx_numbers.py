"""ONNX models of smaller numbers than float32."""

import pathlib
import tempfile
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime import quantization
from onnxruntime.transformers.float16 import convert_float_to_float16


def to_float16(model: Any) -> Any:
    """Makes all numbers float16 but those that go in and come out.

    Args:
        model: An `onnx.ModelProto` of float32.

    Returns:
        A new one.
    """
    return convert_float_to_float16(model, keep_io_types=True)


def to_static_int8(model: Any, batches: Iterable[np.ndarray]) -> Any:
    """Makes whole numbers of one byte of what convolutions take, hold and give.

    Depthwise convolutions stay as they are: they have few weights, and in ONNX Runtime
    take twice as long as whole numbers. So do transposed ones, which it has no kernel
    for.

    Args:
        model: An `onnx.ModelProto` of float32, its input called `images`.
        batches: What it is run on to find out which ranges its numbers have.

    Returns:
        A new one, in which pairs of QuantizeLinear and DequantizeLinear say so.
    """
    grouped = [
        node.name
        for node in model.graph.node
        if any(each.name == "group" and each.i > 1 for each in node.attribute)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        quantization.quantize_static(
            model,
            path,
            _Batches(batches),
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=grouped,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )
        result = onnx.load(path)
    _scale_channels_at_once(result.graph)
    return result


class _Batches(quantization.CalibrationDataReader):
    def __init__(self, batches: Iterable[np.ndarray]):
        self._batches = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"images": batch}


def _scale_channels_at_once(graph):
    """Has DequantizeLinear multiply by constants of each channel that come next."""
    constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    makers = {node.output[0]: node for node in graph.node}
    uses = Counter(name for node in graph.node for name in node.input)
    for node in [node for node in graph.node if node.op_type == "Mul"]:
        maker, factors = makers.get(node.input[0]), constants.get(node.input[1])
        if (
            maker is None
            or maker.op_type != "DequantizeLinear"
            or uses[maker.output[0]] > 1
            or factors is None
            or factors.ndim != 4
            or factors.size != factors.shape[1]
        ):
            continue
        scale, zero = (constants[name] for name in maker.input[1:])
        values = (scale * factors.ravel(), np.full(factors.size, zero))
        names = [f"{node.output[0]} {kind}" for kind in ("scale", "zero")]
        graph.initializer.extend(map(numpy_helper.from_array, values, names))
        maker.input[1:] = names
        maker.attribute.append(helper.make_attribute("axis", 1))
        maker.output[0] = node.output[0]
        graph.node.remove(node)
