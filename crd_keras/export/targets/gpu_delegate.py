"""The GPU delegate of LiteRT, on phones."""

from crd_keras.export.targets.finding import Finding, operator_findings
from crd_keras.export.tflite_graph import TFLiteGraph

_DOCUMENTED = {
    *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
    *("EXP", "FULLY_CONNECTED", "LOGICAL_AND", "LOGISTIC", "LSTM", "MAX_POOL_2D"),
    *("MAXIMUM", "MINIMUM", "MUL", "PAD", "PRELU", "RELU", "RELU6", "RESHAPE"),
    *("RESIZE_BILINEAR", "SOFTMAX", "STRIDED_SLICE", "SUB", "TRANSPOSE_CONV"),
}
# What exports of this package have besides, of all that the source takes.
_IN_SOURCE = {
    *("CAST", "DEPTH_TO_SPACE", "DEQUANTIZE", "LEAKY_RELU", "MEAN", "MIRROR_PAD"),
    *("QUANTIZE", "RESIZE_NEAREST_NEIGHBOR", "ROUND", "RSQRT", "SLICE"),
    *("SQUARED_DIFFERENCE", "SUM", "TANH", "TRANSPOSE"),
}


def gpu_findings(graph: TFLiteGraph) -> list[Finding]:
    """Operators that the GPU delegate leaves to the processor.

    It computes with floats, also what is quantized.

    Args:
        graph: The file.

    Reference:

    - "GPU delegates for LiteRT", section "GPU ML operations support"
      (https://ai.google.dev/edge/litert/performance/gpu): the documented operators
    - tflite/tools/versioning/gpu_compatibility.cc of google-ai-edge/LiteRT, August
      2026: those that the source takes, too
    """
    unknown = [o for o in graph.operators if o.name not in _DOCUMENTED]
    newer = [o for o in unknown if o.name in _IN_SOURCE]
    neither = [o for o in unknown if o.name not in _IN_SOURCE]
    return [
        *operator_findings(
            neither,
            "the delegate does not have it, and the processor runs it",
            "build the network without it",
        ),
        *operator_findings(
            newer,
            "not documented, but the delegate's source of 2026 takes it",
            "run it on the phone with a recent LiteRT, and look for the warning that "
            "an op cannot be handled",
        ),
    ]
