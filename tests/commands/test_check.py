"""`crd check` on files that TensorFlow converted, and on others."""

import keras
import numpy as np
import pytest

from crd_keras.commands import check
from crd_keras.export import ExportOptions
from crd_keras.models import mobile_resnet_generator

SIZE = (16, 16)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """A folder with a student in two forms."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow converts")
    from crd_keras.export.tflite import write_tflite

    folder = tmp_path_factory.mktemp("student")
    model = mobile_resnet_generator(filters=2, blocks=1, seed=0)
    images = np.random.default_rng(0).uniform(-1, 1, (4, *SIZE, 3)).astype("float32")
    for name, options in {
        "float32": {},
        "full_int8": {"quantization": "full_int8", "pixels": "uint8"},
    }.items():
        options = ExportOptions("litert", SIZE, **options)
        write_tflite(model, folder / f"{name}.tflite", options, images)
    return folder


def lines(capsys, *paths):
    """Of each target what is printed."""
    check.main([str(path) for path in paths])
    return capsys.readouterr().out.splitlines()


def test_a_float_student(student, capsys):
    path = student / "float32.tflite"
    first, *rest = lines(capsys, path)
    assert first == str(path)
    targets = [line for line in rest if not line.startswith("    ")]
    assert targets == [
        "  GPU delegate: 1 finding",
        "  whole numbers only (Edge TPU): 3 findings",
        "  XNNPACK (processor): no findings",
    ]
    found = [line.strip() for line in rest if line.startswith("    ")]
    assert found[0].startswith("DEPTH_TO_SPACE (4), MEAN (18), RSQRT (9), TANH (1): ")
    assert any(
        line.endswith("Do: crd export --quantization=full_int8.") for line in rest
    )


def test_a_student_of_whole_numbers(student, capsys):
    rest = lines(capsys, student / "full_int8.tflite")
    assert "  whole numbers only (Edge TPU): no findings" in rest
    assert [line for line in rest if line.startswith("    RSQRT (9): XNNPACK")]


def test_an_operator_that_no_target_has(student, tmp_path, capsys):
    from ai_edge_litert import schema_py_generated as schema

    from crd_keras.export.tflite_content import tflite_content

    content = (student / "full_int8.tflite").read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content)
    for code in model.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.TANH:
            code.builtinCode = schema.BuiltinOperator.CUMSUM
    path = tmp_path / "other.tflite"
    path.write_bytes(tflite_content(model))
    found = [line for line in lines(capsys, path) if "CUMSUM (1)" in line]
    assert len(found) == 3 and all(". Do: " in line for line in found)


@pytest.mark.any_backend
def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "text.tflite").write_text("no model, but long enough for a header")
    (tmp_path / "cut.tflite").write_bytes(b"\x1c\0\0\0TFL3")
    for name, message in [
        ("text.tflite", "text.tflite is no TFLite file, or a damaged one: "),
        ("cut.tflite", "cut.tflite is no TFLite file, or a damaged one: "),
        ("none.tflite", "No such file"),
        ("x.onnx", "a file must end with .tflite. Received: .*x.onnx"),
    ]:
        with pytest.raises(SystemExit, match=f"^check: .*{message}") as error:
            check.main([str(tmp_path / name)])
        assert "\n" not in str(error.value)
