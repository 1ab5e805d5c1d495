"""XNNPACK, on which LiteRT runs files on processors."""

from crd_keras.export.targets.finding import Finding, operator_findings
from crd_keras.export.tflite_graph import TFLiteGraph, TFLiteOperator

# Kinds of numbers that operators compute with, by the documentation.
_QUANTIZED = {
    *("ADD", "CONCATENATION", "CONV_2D", "DEPTH_TO_SPACE", "DEPTHWISE_CONV_2D"),
    *("DEQUANTIZE", "ELU", "FULLY_CONNECTED", "LEAKY_RELU", "LOGISTIC", "MAX_POOL_2D"),
    *("MEAN", "MUL", "PAD", "QUANTIZE", "RESHAPE", "RESIZE_BILINEAR", "SLICE"),
    *("SPACE_TO_DEPTH", "SPLIT", "SUB", "TANH", "TRANSPOSE", "TRANSPOSE_CONV"),
}
_FLOAT = {
    *("ABS", "AVERAGE_POOL_2D", "CEIL", "DIV", "FLOOR", "HARD_SWISH", "MAXIMUM"),
    *("MINIMUM", "NEG", "PRELU", "RELU", "RELU6", "RELU_N1_TO_1", "ROUND", "SOFTMAX"),
    *("SQRT", "SQUARE", "SQUARED_DIFFERENCE", "STRIDED_SLICE"),
} | _QUANTIZED
# Since then the source has taken these as well.
_FLOAT |= {"COS", "EXP", "EXPAND_DIMS", "GELU", "LOG", "RSQRT", "SIN", "SUM"}
_QUANTIZED |= {"EXPAND_DIMS", "STRIDED_SLICE", "SUM"}

# How much larger or smaller a step of an operand may be than one of the result.
_LEAST_RATIO, _MOST_RATIO = 2**-10, 2**8
_MOST_CONCATENATED = 5

_SMALL_TENSORS = "nothing if its tensors are small, such as one number for each channel"


def xnnpack_findings(graph: TFLiteGraph) -> list[Finding]:
    """Operators that LiteRT runs by slower means than XNNPACK.

    Args:
        graph: The file.

    Reference:

    - "XNNPACK backend for TensorFlow Lite", section "Limitations and supported
      operators" (tflite/delegates/xnnpack/README.md of google-ai-edge/LiteRT): the
      documented operators
    - xnnpack_delegate.cc beside it, August 2026: those since then, how many tensors can
      be put together, and which steps operands of additions and subtractions may have
    """
    return [
        *operator_findings(
            (o for o in graph.operators if o.name not in _listed(o)),
            "XNNPACK does not have it for numbers of this kind",
            f"{_SMALL_TENSORS}; else build the network without it",
        ),
        *operator_findings(
            filter(_has_odd_steps, graph.operators),
            "the quantization step of an operand is a 1024th of the result's or less, "
            "or 256 times as large",
            f"{_SMALL_TENSORS}; else export the network with `crd export`, which "
            "leaves out means that count so little",
        ),
        *operator_findings(
            filter(_has_many_parts, graph.operators),
            f"more than {_MOST_CONCATENATED} tensors at once",
            "put them together in several steps",
        ),
    ]


def _listed(operator: TFLiteOperator) -> set[str]:
    dtypes = {tensor.dtype for tensor in operator.activations}
    if dtypes <= {"FLOAT32"}:
        return _FLOAT
    if dtypes <= {"FLOAT32", "INT8", "UINT8"}:
        return _QUANTIZED
    return set()


def _has_odd_steps(operator: TFLiteOperator) -> bool:
    (result,) = operator.outputs[:1]
    if operator.name not in ("ADD", "SUB") or not result.scale:
        return False
    ratios = (tensor.scale / result.scale for tensor in operator.inputs if tensor.scale)
    return any(not _LEAST_RATIO <= ratio < _MOST_RATIO for ratio in ratios)


def _has_many_parts(operator: TFLiteOperator) -> bool:
    many = len(operator.inputs) > _MOST_CONCATENATED
    return operator.name == "CONCATENATION" and many
