"""Models in files of each format: what they cost, and how long they take."""

import dataclasses
import pathlib
import subprocess
import sys

import keras
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from crd_keras.complexity import (
    Complexity,
    NotCountedError,
    complexity,
    measure,
    tflite_file,
)

pytestmark = pytest.mark.any_backend

SIZE = 16


@pytest.fixture(scope="module")
def exported(tmp_path_factory, importing_environment):
    """A folder with one network in several formats. TensorFlow converts it."""
    folder = tmp_path_factory.mktemp("exported")
    program = pathlib.Path(__file__).parent / "exported.py"
    environment = importing_environment | {"KERAS_BACKEND": "tensorflow"}
    process = subprocess.run(
        [sys.executable, program, folder], env=environment, capture_output=True
    )
    assert process.returncode == 0, process.stderr.decode()
    return folder


def counts(record):
    return tuple(record[name] for name in ("parameters", "macs", "macs_paper"))


@pytest.mark.parametrize(
    "name", ["model.keras", "open.onnx", "open.tflite", "fixed.tflite", "half.tflite"]
)
def test_an_exported_network_has_the_numbers_of_the_keras_model(exported, name):
    path = exported / name
    model = keras.saving.load_model(exported / "model.keras")
    expected = complexity(model, SIZE)
    assert complexity(path, SIZE) == expected
    record = measure(str(path), SIZE, repeats=3)
    assert counts(record) == dataclasses.astuple(expected)
    assert record["not_counted"] == []
    assert record["input_shape"] == [1, SIZE, SIZE, 3]
    assert record["bytes"] == len(path.read_bytes())
    low, median, high = sorted(record["seconds"])
    assert 0 < low and record["median_seconds"] == median
    if name.startswith("open"):
        assert complexity(path, (2 * SIZE, 3 * SIZE)).macs == 6 * expected.macs


def test_tflite_operations_that_cannot_be_counted(exported):
    from ai_edge_litert import schema_py_generated as schema

    content = (exported / "fixed.tflite").read_bytes()
    for code, name in [
        (schema.BuiltinOperator.CONV_3D, "CONV_3D"),
        (schema.BuiltinOperator.CUSTOM, "CUSTOM"),
    ]:
        model = schema.ModelT.InitFromPackedBuf(content)
        for operator_code in model.operatorCodes:
            if operator_code.builtinCode == schema.BuiltinOperator.CONV_2D:
                operator_code.builtinCode = operator_code.deprecatedBuiltinCode = code
        shapes = {i: t.shape for i, t in enumerate(model.subgraphs[0].tensors)}
        with pytest.raises(NotCountedError, match=f"Received: {name}$") as error:
            tflite_file.count(model, shapes)
        assert error.value.operations == [name]


def write_onnx(path, nodes, constants, shape=(1, 4, 6, 5)):
    """A graph of images `x` with channels first, each node's output named by it."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def numbers(*shape):
    return np.random.default_rng(0).uniform(0.1, 1, shape).astype("float32")


def test_onnx_operations_by_hand(tmp_path):
    node = helper.make_node
    plain = {"scale": np.ones(4, "float32"), "offset": np.zeros(4, "float32")}
    real = {"scale": numbers(4), "offset": numbers(4)}
    flatten = node("Flatten", ["x"], ["z"])
    scales = {"scale": np.float32(0.1), "zero": np.int8(0)}
    instance = node("InstanceNormalization", ["x", "scale", "offset"], ["y"])
    images, grouped = 6 * 5, {"w": numbers(6, 2, 1, 1), "b": numbers(6)}
    cases = [
        ([node("Conv", ["x", "w", "b"], ["y"], group=2)], grouped, 18, 12 * images, 1),
        ([node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 3])],
         {"w": numbers(4, 3, 2, 2)}, 48, 48 * images, 6),
        ([node("MatMul", ["x", "w"], ["y"])], {"w": numbers(5, 7)}, 35, 24 * 35, 1),
        ([node("MatMul", ["w", "x"], ["y"])], {"w": numbers(3, 6)}, 18, 20 * 18, 1),
        # The same weights twice are counted once, their products twice.
        ([node("Conv", ["x", "w"], ["z"]), node("Conv", ["z", "w"], ["y"])],
         {"w": numbers(4, 4, 1, 1)}, 16, 2 * 16 * images, 1),
        ([node("DequantizeLinear", ["w", "scale", "zero"], ["f"]),
          node("Conv", ["x", "f"], ["y"])],
         {"w": np.full((3, 4, 1, 1), 7, "int8"), **scales}, 12, 12 * images, 1),
        # As quantisers write it.
        ([node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
          node("DequantizeLinear", ["q", "scale", "zero"], ["z"]),
          node("DequantizeLinear", ["w", "scale", "zero"], ["f"]),
          node("DequantizeLinear", ["b", "scale", "zero32"], ["c"]),
          node("Conv", ["z", "f", "c"], ["y"])],
         {"w": np.full((3, 4, 1, 1), 7, "int8"), "b": np.full(3, 7, "int32"),
          "zero32": np.int32(0), **scales}, 15, 12 * images, 1),
        ([flatten, node("Gemm", ["z", "w", "b"], ["y"], transB=1)],
         {"w": numbers(7, 120), "b": numbers(7)}, 847, 840, 1),
        ([node("Mul", ["x", "w"], ["z"]), node("Add", ["z", "c"], ["y"])],
         {"w": numbers(4, 1, 1), "c": numbers()}, 4, 0, 1),
        ([node("Transpose", ["x"], ["t"], perm=[0, 1, 3, 2]),
          node("MatMul", ["x", "t"], ["y"])], {}, 0, 0, 1),
        ([instance], plain, 0, 0, 1),
    ]  # fmt: skip
    for nodes, constants, parameters, macs, factor in cases:
        path = write_onnx(tmp_path / "model.onnx", nodes, constants)
        expected = Complexity(parameters, macs, factor * macs)
        assert complexity(path, SIZE) == expected, nodes
    path = write_onnx(tmp_path / "model.onnx", [instance], real)
    assert complexity(path, SIZE) == Complexity(8, 0, 4 * images)


def test_onnx_operations_that_cannot_be_counted(tmp_path):
    kernel = {"w": numbers(3, 4, 1, 1)}
    nodes = [helper.make_node("Einsum", ["x", "w"], ["y"], equation="bchw,ocij->bohw")]
    path = write_onnx(tmp_path / "model.onnx", nodes, kernel)
    with pytest.raises(NotCountedError, match="Received: Einsum$"):
        complexity(path, SIZE)
    record = measure(path, SIZE, repeats=1)
    assert counts(record) == (None, None, None)
    assert record["not_counted"] == ["Einsum"] and record["median_seconds"] > 0


class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.scale


def test_keras_layers_that_cannot_be_counted(tmp_path):
    inputs = keras.Input((None, None, 3))
    keras.Model(inputs, Scale()(inputs)).save(tmp_path / "scale.keras")
    with keras.saving.custom_object_scope({"Scale": Scale}):
        record = measure(tmp_path / "scale.keras", SIZE, repeats=1)
    assert counts(record) == (None, None, None)
    (operation,) = record["not_counted"]
    assert operation.startswith("Scale 'scale")


def test_what_is_no_model_file(tmp_path):
    path = tmp_path / "net.h5"
    for use in (complexity, measure):
        with pytest.raises(ValueError, match=r"net.h5 .*one of \.keras, \.tflite"):
            use(path)
    path = tmp_path / "net.onnx"
    path.write_bytes(b"broken")
    for use in (complexity, measure):
        with pytest.raises(ValueError, match="net.onnx cannot be measured: ") as error:
            use(path)
        assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match="`input_shape` .* are for Keras models"):
        complexity(path, input_shape=(SIZE, SIZE, 3))
