import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from crd_keras.commands import complexity as tool
from crd_keras.complexity import keras_file as keras_model
from crd_keras.complexity import onnx_file as onnx_model
from crd_keras.complexity import tflite_file as tflite_model
from crd_keras.complexity.keras_model import complexity
from crd_keras.models import mobile_resnet_generator

SIZE = 16
FORMATS = {"keras": keras_model, "onnx": onnx_model, "tflite": tflite_model}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with one network in several formats. TensorFlow converts it."""
    folder = tmp_path_factory.mktemp("exported")
    program = pathlib.Path(__file__).parents[1] / "complexity" / "exported.py"
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
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
    record = FORMATS[name.split(".")[1]].measure(path, SIZE, repeats=3)
    assert counts(record) == (expected.parameters, expected.macs, expected.macs_paper)
    assert record["not_counted"] == []
    assert record["input_shape"] == [1, SIZE, SIZE, 3]
    assert record["bytes"] == len(path.read_bytes())
    low, median, high = sorted(record["seconds"])
    assert 0 < low and record["median_seconds"] == median
    if name.startswith("open"):
        larger = FORMATS[name.split(".")[1]].measure(path, 2 * SIZE, repeats=1)
        assert larger["macs"] == 4 * expected.macs


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
        result = tflite_model.count(model, shapes)
        assert counts(result) == (None, None, None)
        assert result["not_counted"] == [name]


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
        record = onnx_model.measure(path, SIZE, repeats=1)
        assert counts(record) == (parameters, macs, factor * macs), nodes
    path = write_onnx(tmp_path / "model.onnx", [instance], real)
    assert counts(onnx_model.measure(path, SIZE, repeats=1)) == (8, 0, 4 * images)


def test_onnx_operations_that_cannot_be_counted(tmp_path):
    kernel = {"w": numbers(3, 4, 1, 1)}
    nodes = [helper.make_node("Einsum", ["x", "w"], ["y"], equation="bchw,ocij->bohw")]
    path = write_onnx(tmp_path / "model.onnx", nodes, kernel)
    record = onnx_model.measure(path, SIZE, repeats=1)
    assert counts(record) == (None, None, None)
    assert record["not_counted"] == ["Einsum"] and record["median_seconds"] > 0
    table = tool.table([record])
    assert "model.onnx: not known how to count: Einsum" in table
    assert "unknown" in table


class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.scale


def test_keras_layers_that_cannot_be_counted(tmp_path):
    inputs = keras.Input((None, None, 3))
    keras.Model(inputs, Scale()(inputs)).save(tmp_path / "scale.keras")
    with keras.saving.custom_object_scope({"Scale": Scale}):
        record = keras_model.measure(tmp_path / "scale.keras", SIZE, repeats=1)
    assert counts(record) == (None, None, None)
    assert "whose MACs are not known" in record["not_counted"][0]


def test_paper_s_student(tmp_path, capsys):
    path, output = tmp_path / "student.keras", tmp_path / "result.json"
    mobile_resnet_generator(filters=16).save(path)
    tool.main([str(path), f"--json={output}", "--repeats=3"])
    (result,) = (content := json.loads(output.read_text()))["results"]
    assert result["model"] == str(path)
    assert result["parameters"] == 137_347
    assert (
        f"{result['macs_paper'] / 1e9:.3f} {result['macs'] / 1e9:.3f}" == "1.408 0.955"
    )
    assert result["bytes"] == path.stat().st_size
    assert len(result["seconds"]) == 3 and result["threads"] >= 1
    assert keras.backend.backend() in result["runtime"]
    assert content["environment"]["backend"] == keras.backend.backend()
    assert content["settings"]["image_size"] == 256
    printed = capsys.readouterr().out
    for text in ("137,347", "1.408 G", "0.9547 G", "1x256x256x3", "0.9"):
        assert text in printed


@pytest.fixture
def in_this_process(monkeypatch):
    """Measures here: a process of its own for everything takes its time."""
    monkeypatch.setattr(tool.environment, "describe", dict)
    monkeypatch.setattr(tool.environment, "text", str)
    monkeypatch.setattr(tool, "in_fresh_process", lambda f, *arguments: f(*arguments))


def test_recipe(tmp_path, in_this_process):
    output = tmp_path / "result.json"
    flags = ["--recipe=horse2zebra", "--preset=quick", "--repeats=1"]
    tool.main([*flags, f"--json={output}"])
    content = json.loads(output.read_text())
    teacher, student = content["results"]
    for record, filters in ((teacher, 32), (student, 8)):
        expected = complexity(mobile_resnet_generator(filters=filters, blocks=2), 64)
        assert counts(record) == (
            expected.parameters,
            expected.macs,
            expected.macs_paper,
        )
    assert student["model"] == "horse2zebra, quick: student"
    assert content["settings"]["image_size"] == 64


def test_bad_input_is_refused_in_one_line(tmp_path, in_this_process, monkeypatch):
    for name in ("broken.keras", "broken.onnx", "broken.tflite", "weights.h5"):
        (tmp_path / name).write_bytes(b"broken")
    vectors = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    vectors.save(tmp_path / "vectors.keras")
    generator = mobile_resnet_generator(filters=2, blocks=1)
    generator.save(tmp_path / "generator.keras")
    cases = [
        ([], "name model files, or pass --recipe"),
        (["none.keras"], "there is no model file .*none.keras"),
        (["weights.h5"], r"must end with one of \.keras, \.tflite, \.onnx"),
        (["broken.keras"], "broken.keras cannot be measured: .*cannot be loaded"),
        (["broken.onnx"], "broken.onnx cannot be measured"),
        (["broken.tflite"], "broken.tflite cannot be measured"),
        (["vectors.keras"], r"must take images .* Received: \(None, 4\)"),
        (["generator.keras", "--image_size=2"], "generator.keras cannot be measured"),
        (["generator.keras", "--repeats=0"], "`--repeats` .* Received: 0"),
        (["generator.keras", "--json=no/x.json"], "`--json` must be in a folder that"),
        (
            ["generator.keras", "--json=generator.keras"],
            r"`--json` must end with .json",
        ),
        (["--recipe=../horse2zebra"], r"one of .* Received: \.\./horse2zebra"),
        (["--recipe=none"], "one of horse2zebra, .* Received: none"),
        (["--recipe=horse2zebra", "--preset=x"], "one of paper, quick .* Received: x"),
    ]
    monkeypatch.chdir(tmp_path)
    for arguments, message in cases:
        with pytest.raises(SystemExit, match=f"^complexity: .*{message}") as caught:
            tool.main(arguments)
        assert "\n" not in str(caught.value)
