"""ONNX Runtime's optimisations of a graph, those that any runtime profits from."""

import pathlib
import tempfile
from typing import Any

import onnx
import onnxruntime


def optimize(model: Any) -> Any:
    """Computes what is constant, and moves transposes to the two ends.

    Converters write two transposes for each convolution, from channels last to
    channels first and back. What is left of them is one at each end.

    Args:
        model: An `onnx.ModelProto`.

    Returns:
        A new one, of ONNX' own operators.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    )
    options.log_severity_level = 3  # errors
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(
            model.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            # It would undo what `equalize_channels` did.
            disabled_optimizers=["ConvMulFusion"],
        )
        return onnx.load(path)
