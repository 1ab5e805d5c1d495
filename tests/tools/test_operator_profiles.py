"""The profilers of ONNX Runtime and LiteRT, and their tables."""

from collections import Counter

import keras
import numpy as np
import onnx
import pytest
from benchmarks import litert_profiler, onnx_runtime_profiler
from benchmarks.operator_table import (
    convolution_share,
    operator_shares,
    operator_table,
)
from onnx import helper, numpy_helper

IMAGES = np.random.default_rng(0).uniform(-1, 1, (1, 8, 8, 3)).astype("float32")
RUNS = 3


@pytest.mark.any_backend
def test_shares():
    runs = [
        [("Conv", 0.001), ("Pad", 0.002), ("Conv", 0.003)],
        [("Conv", 0.002), ("Pad", 0.001), ("Conv", 0.004)],
        [("Conv", 0.010), ("Pad", 0.009), ("Conv", 0.090)],
    ]
    convolutions, pads = operator_shares(runs)
    assert convolutions == {
        **{"operator": "Conv", "count": 2},
        **{"seconds": pytest.approx(0.006), "share": pytest.approx(0.75)},
    }
    assert (pads["operator"], pads["count"], pads["seconds"]) == ("Pad", 1, 0.002)
    assert convolution_share([convolutions, pads]) == pytest.approx(0.75)
    lines = operator_table([convolutions, pads]).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["Conv", "2", "6.000", "ms", "75.0%"],
        ["Pad", "1", "2.000", "ms", "25.0%"],
        ["convolutions", "75.0%"],
        ["all", "3", "8.000", "ms", "100.0%"],
    ]


@pytest.mark.any_backend
def test_onnx_runtime(tmp_path):
    float32 = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["y"]),
            helper.make_node("Tanh", ["y"], ["z"]),
            helper.make_node("Tanh", ["z"], ["t"]),
        ],
        "graph",
        [helper.make_tensor_value_info("x", float32, IMAGES.shape)],
        [helper.make_tensor_value_info("t", float32, None)],
        [numpy_helper.from_array(np.ones((4, 8, 1, 1), "float32"), "w")],
    )
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.save(model, tmp_path / "x.onnx")
    runs = onnx_runtime_profiler.operator_times(tmp_path / "x.onnx", 1, IMAGES, RUNS)
    assert len(runs) == RUNS
    for run in runs:
        assert Counter(name for name, _ in run)["Tanh"] == 1
        assert all(0 <= seconds < 1 for _, seconds in run)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="converts")
def test_litert(tmp_path):
    import tensorflow as tf

    network = keras.Sequential(
        [
            keras.Input((8, 8, 3), batch_size=1),
            keras.layers.Conv2D(64, 3),
            keras.layers.Conv2D(3, 1, activation="tanh"),
        ]
    )
    function = tf.function(network, input_signature=[tf.TensorSpec(IMAGES.shape)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()]
    )
    (tmp_path / "x.tflite").write_bytes(converter.convert())
    runs = litert_profiler.operator_times(tmp_path / "x.tflite", 1, IMAGES, RUNS)
    assert len(runs) == RUNS
    for run in runs:
        kinds = [name.split(" (")[0] for name, _ in run]
        # A convolution of one pixel is a product of matrices.
        assert kinds == ["Convolution", "Fully Connected", "TanH"]
        assert sum(seconds for _, seconds in run) > 0
