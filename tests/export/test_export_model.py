"""What an export writes and refuses. Conversions: see tests/commands/test_export.py."""

import importlib
import inspect

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, export
from crd_keras.export.export_folder import replace_export
from crd_keras.layers import InstanceNormalization, ReflectionPadding2D
from crd_keras.models import mobile_resnet_generator
from crd_keras.training import trainer
from crd_keras.utils.full_disk import DiskFullError
from tests import tiny

# `crd_keras.export.export_model` is the function of that name.
exporting = importlib.import_module("crd_keras.export.export_model")


@pytest.fixture(scope="module")
def generator():
    return mobile_resnet_generator(filters=2, blocks=1, seed=0)


def fake_worker(model, jobs, images):
    """Writes each file, and half of the one that is to be `broken`."""
    for path, options in jobs.items():
        if options.format == "tf_saved_model":
            path.mkdir()
            path = path / "saved_model.pb"
        path.write_bytes(b"new")
        if "broken" in str(path):
            raise ValueError("cannot be converted")
        yield next(p for p in (path, path.parent) if p in jobs)


@pytest.mark.parametrize("format, name", [("onnx", "x.onnx"), ("tf_saved_model", "x")])
def test_an_older_export_is_replaced(generator, tmp_path, monkeypatch, format, name):
    monkeypatch.setattr(exporting, "run_worker", fake_worker)
    for _ in range(2):
        export.export_model(generator, tmp_path / name, format)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        files = {p.name: p for p in tmp_path.rglob("*") if p.is_file()}
        listed = files.pop("crd_keras_export.json", None)
        assert (listed is not None) == (format == "tf_saved_model")
        (file,) = files.values()
        assert file.read_bytes() == b"new"


@pytest.mark.parametrize(
    "format, name", [("onnx", "broken.onnx"), ("tf_saved_model", "broken")]
)
def test_a_failure_leaves_what_was_there(
    generator, tmp_path, monkeypatch, format, name
):
    monkeypatch.setattr(exporting, "run_worker", fake_worker)
    old = tmp_path / name
    if format == "tf_saved_model":
        old.mkdir()
        (old / "saved_model.pb").write_bytes(b"old")
        replace_export(old, tmp_path / "listed")
        (tmp_path / "listed").rename(old)
        old = old / "saved_model.pb"
    else:
        old.write_bytes(b"old")
    with pytest.raises(ValueError, match="cannot be converted"):
        export.export_model(generator, tmp_path / name, format)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert old.read_bytes() == b"old"


def test_a_folder_with_other_files_is_not_replaced(generator, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "run_worker", fake_worker)
    export.export_model(generator, tmp_path / "x", "tf_saved_model")
    (tmp_path / "x" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="`filepath` must be new, or an older export"):
        export.export_model(generator, tmp_path / "x", "tf_saved_model")
    assert (tmp_path / "x" / "notes.txt").read_text() == "mine"


def test_a_full_disk_is_named(generator, tmp_path, monkeypatch):
    def full_worker(model, jobs, images):
        for path in jobs:
            path.write_bytes(b"half")
            raise ValueError("[Errno 28] No space left on device")
        yield

    monkeypatch.setattr(exporting, "run_worker", full_worker)
    path = tmp_path / "x.onnx"
    with pytest.raises(DiskFullError, match=f"{path} takes more than the .* are free"):
        export.export_model(generator, path, "onnx")
    assert list(tmp_path.iterdir()) == []


def test_bad_arguments(generator, tmp_path):
    (tmp_path / "folder").mkdir()
    images = tiny.images(2, seed=0)
    full = {"quantization": "full_int8", "image_size": (8, 8)}
    cases = [
        ("x", "pb", {}, "`format` must be one of .*litert.* Received: 'pb'"),
        (
            "x.tflite",
            "onnx",
            {},
            "`filepath` must have the extension .* .onnx. Received",
        ),
        ("none/x.onnx", "onnx", {}, "`filepath` must be in a folder that exists"),
        ("folder", "tf_saved_model", {}, "`filepath` must be new, or an older export"),
        (
            "x.onnx",
            "onnx",
            {"opset_version": 99},
            "`opset_version` must be 14 to 18, and 18 where .* Received: 99",
        ),
        ("x.onnx", "onnx", {"batch_size": 0}, "`batch_size` .* Received: 0"),
        ("x.onnx", "onnx", {"image_size": (8,)}, r"`image_size` .* Received: \(8,\)"),
        ("x.onnx", "onnx", {"pixels": "bgr"}, "`pixels` must be .* Received: 'bgr'"),
        ("x.onnx", "onnx", {"quantization": "full_int8"}, "`quantization` must be"),
        ("x.tflite", "litert", {"quantization": "int4"}, "Received: 'int4'"),
        ("x.tflite", "litert", {"quantization": "full_int8"}, "must be given for"),
        ("x.onnx", "onnx", {"quantization": "static_int8"}, "must be given for"),
        ("x.tflite", "litert", full, "`representative_images` must be given"),
        (
            "x.tflite",
            "litert",
            {**full, "representative_images": images},
            "`representative_images` must have the `image_size`",
        ),
    ]
    for name, format, arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            export.export_model(generator, tmp_path / name, format, **arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.fixture
def exported(monkeypatch):
    """The arguments with which trainers call `export_model`, which does nothing."""
    calls = []
    monkeypatch.setattr(trainer, "export_model", lambda *x, **y: calls.append((x, y)))
    return calls


def test_a_trainer_exports_its_best_student(exported):
    crd = tiny.trainer(compiled=False)
    crd.export("student.onnx", "onnx", opset_version=16)
    arguments = {"opset_version": 16, "verbose": None}
    assert exported[-1] == ((crd.student, "student.onnx", "onnx"), arguments)
    crd.best_student.keep(crd.student, score=1.0, epoch=0)
    crd.export("student")
    best = crd.best_student.network
    assert exported[-1] == ((best, "student", "tf_saved_model"), {"verbose": None})


def test_a_trainer_exports_one_of_several_students(exported):
    students = {"small": tiny.generator(2, seed=5), "large": tiny.generator(4, seed=5)}
    crd = CRDTrainer(tiny.teacher(), students, {})
    crd.export("large", student="large")
    assert exported[-1][0][0] is students["large"]


def test_a_trainer_exports_with_the_arguments_of_keras(exported):
    crd = tiny.trainer(compiled=False)
    names = list(inspect.signature(keras.Model.export).parameters)
    assert list(inspect.signature(crd.export).parameters) == names[1:]
    spec = keras.InputSpec(shape=(1, 32, 48, 3), dtype="uint8")
    crd.export("x", format="litert", verbose=False, input_signature=[spec])
    expected = {"image_size": (32, 48), "batch_size": 1, "pixels": "uint8"}
    assert exported[-1][1] == {**expected, "verbose": False}
    for of_any_size in (
        keras.InputSpec(shape=(None, None, None, 3)),
        keras.KerasTensor((None, None, None, 3), "float32"),
    ):
        crd.export("x", input_signature=of_any_size)
        expected = {"image_size": None, "batch_size": None, "pixels": "float"}
        assert exported[-1][1] == {**expected, "verbose": None}


@pytest.mark.parametrize(
    "signature, message",
    [
        ((None, 32, 32, 1), "`input_signature` must describe one batch .*width, 3"),
        ((32, 32, 3), "`input_signature` must describe one batch .*Received: "),
        ((1, 32, None, 3), "`input_signature` must give both .*Received: "),
    ],
)
def test_signatures_of_something_else(signature, message):
    crd = tiny.trainer(compiled=False)
    with pytest.raises(ValueError, match=message):
        crd.export("x", input_signature=keras.InputSpec(shape=signature))


def test_bad_signatures_of_images():
    crd = tiny.trainer(compiled=False)
    spec = keras.InputSpec(shape=(1, 32, 32, 3), dtype="int8")
    with pytest.raises(ValueError, match="dtype .*Received: int8"):
        crd.export("x", input_signature=spec)
    with pytest.raises(ValueError, match="must describe one batch"):
        crd.export("x", input_signature=[spec, spec])
    spec = keras.InputSpec(shape=(1, 32, 32, 3))
    with pytest.raises(ValueError, match=r"together with .*Received: \['image_size'\]"):
        crd.export("x", input_signature=spec, image_size=(32, 32))


@pytest.fixture
def free_generator():
    """A generator of images of any even size, and of none below 4 pixels."""
    inputs = keras.Input((None, None, 3))
    halving = keras.layers.Conv2D(4, 4, strides=2, padding="same")
    x = halving(ReflectionPadding2D(3)(inputs))
    x = keras.layers.Conv2DTranspose(3, 2, strides=2)(InstanceNormalization()(x))
    x = keras.layers.Cropping2D(3)(x)
    return keras.Model(inputs, keras.layers.Activation("tanh")(x))


FREE = {"batch_size": None, "pixels": "uint8"}


def pixels_and_translated(generator):
    """Two images, and what Keras makes of them, both in 0-255."""
    pixels = np.random.default_rng(0).integers(0, 256, (2, 20, 24, 3), "uint8")
    translated = generator.predict_on_batch(pixels.astype("float32") / 127.5 - 1)
    return pixels, translated * 127.5 + 127.5


@pytest.mark.skipif(
    keras.backend.backend() == "jax",
    reason="the others convert here; JAX has one of them do so in another process",
)
def test_onnx_of_free_sizes_and_pixels(free_generator, tmp_path):
    import onnx
    import onnxruntime

    from crd_keras.export.onnx import write_onnx

    pixels, expected = pixels_and_translated(free_generator)
    opset = 16 if keras.backend.backend() == "tensorflow" else 18
    options = export.ExportOptions("onnx", opset_version=opset, **FREE)
    path = tmp_path / "free.onnx"
    write_onnx(free_generator, path, options)
    assert [each.version for each in onnx.load(path).opset_import] == [opset]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (tensor,) = session.get_outputs()
    assert (tensor.name, tensor.shape) == (
        "translated",
        ["batch", "height", "width", 3],
    )
    (result,) = session.run(None, {"images": pixels})
    assert np.abs(result - expected).max() < 0.51


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="converts here; the other backends do so in another process",
)
def test_tflite_of_free_sizes_and_pixels(free_generator, tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    from crd_keras.export.tflite import write_tflite

    pixels, expected = pixels_and_translated(free_generator)
    path = tmp_path / "free.tflite"
    write_tflite(free_generator, path, export.ExportOptions("litert", **FREE))
    interpreter = Interpreter(str(path))
    runner = interpreter.get_signature_runner("serving_default")
    result = runner(images=pixels)["translated"]
    assert result.dtype == np.uint8 and np.abs(result - expected).max() < 0.51
    names = {tensor["name"] for tensor in interpreter.get_tensor_details()}
    assert len(names) == 3  # input, output, and "" of all others
