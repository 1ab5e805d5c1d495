"""Accelerators that compute with whole numbers only, such as the Edge TPU."""

from crd_keras.export.targets.finding import Finding, operator_findings
from crd_keras.export.tflite_graph import TFLiteGraph, TFLiteTensor

_OPERATORS = {
    *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
    *("EXPAND_DIMS", "FULLY_CONNECTED", "L2_NORMALIZATION", "LOGISTIC", "MAXIMUM"),
    *("MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PACK", "PAD", "PRELU", "QUANTIZE"),
    *("REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE"),
    *("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SLICE", "SOFTMAX"),
    *("SPACE_TO_DEPTH", "SPLIT", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE"),
    *("SUB", "SUM", "TANH", "TRANSPOSE", "TRANSPOSE_CONV"),
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
}
_ENDS = {"DEQUANTIZE", "QUANTIZE"}
_BYTES = ("INT8", "UINT8")


def full_integer_findings(graph: TFLiteGraph) -> list[Finding]:
    """What keeps a file from running as a whole on such an accelerator.

    The rules are the Edge TPU's, the strictest that are documented: all tensors are
    whole numbers of 8 bits, also those that go in and come out, their shapes are known,
    only the three innermost sizes may be larger than 1, and its operators are listed.
    NNAPI's drivers follow rules of the same kind, each its own.

    The list of operators was compared with the documentation up to `RESIZE_BILINEAR`,
    in the order of the alphabet. What comes after it, such as `RSQRT` and
    `TRANSPOSE_CONV`, could not be compared.

    Args:
        graph: The file.

    Reference:

    - "TensorFlow models on the Edge TPU", sections "Model requirements" and "Supported
      operations", runtime 14 (https://coral.ai/docs/edgetpu/models-intro)
    """
    found = []
    inner = [o for o in graph.operators if o.name not in _ENDS]
    floats = [o for o in inner if not all(map(_is_integer, o.activations))]
    if floats:
        found.append(
            Finding(
                f"{len(floats)} of {len(graph.operators)} operators",
                "they compute with other numbers than whole ones of 8 bits",
                "crd export --quantization=full_int8",
            )
        )
    ends = [t for t in (*graph.inputs, *graph.outputs) if t.dtype not in _BYTES]
    if ends:
        found.append(
            Finding(
                "input and output",
                f"{ends[0].dtype}: the processor converts them",
                "crd export --quantization=full_int8 --pixels=uint8",
            )
        )
    tensors = [*graph.inputs, *(t for o in graph.operators for t in o.activations)]
    if any(-1 in tensor.shape for tensor in tensors):
        found.append(
            Finding(
                "shapes",
                "they are left open",
                "crd export --image_size=256, with one image at a time",
            )
        )
    elif any(size > 1 for tensor in tensors for size in tensor.shape[:-3]):
        found.append(
            Finding(
                "batch",
                "several images at a time",
                "export_model(batch_size=1)",
            )
        )
    return [
        *found,
        *operator_findings(
            [o for o in inner if o.name not in _OPERATORS],
            "not among the operators that are documented",
            "build the network without it: what comes after it runs on the processor",
        ),
    ]


def _is_integer(tensor: TFLiteTensor) -> bool:
    return tensor.dtype in _BYTES
