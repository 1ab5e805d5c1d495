"""From a run's folder to checked files, by the real conversion."""

import importlib.util
import json

import keras
import numpy as np
import pytest

from crd_keras import models
from crd_keras.commands import export as tool
from crd_keras.commands import web as export_web
from crd_keras.experiment import export_pictures as pictures
from crd_keras.experiment.export_pictures import sample_pictures
from crd_keras.export import ExportOptions, export_onnx
from crd_keras.export.check import Tolerance
from crd_keras.layers import InstanceNormalization, ReflectionPadding2D
from crd_keras.models.seeds import SeededNormal
from tests.utils.test_pictures import write_bomb

SIZE = 32


def generator():
    """A padding, a convolution of channels of very different size, a norm."""
    inputs = keras.Input((None, None, 3))
    convolution = keras.layers.Conv2D(8, 3, kernel_initializer=SeededNormal(0.1, 1))
    x = convolution(ReflectionPadding2D(1)(inputs))
    kernel, bias = convolution.get_weights()
    convolution.set_weights([kernel * np.logspace(-2, 0, 8), bias])
    x = keras.layers.ReLU()(InstanceNormalization()(x))
    head = keras.layers.Conv2D(3, 1, kernel_initializer=SeededNormal(0.3, 2))
    return keras.Model(inputs, keras.layers.Activation("tanh")(head(x)))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on the built-in sample."""
    folder = tmp_path_factory.mktemp("run")
    generator().save(folder / "student.keras")
    settings = {"dataset": "sample", "image_size": SIZE, "gan": "cycle_gan"}
    (folder / "run.json").write_text(json.dumps({"settings": settings}))
    return folder


@pytest.fixture(scope="module")
def exported(run, described_here):
    """The folder of files and the JSON of one call of the tool."""
    folder = run / "exported"
    tool.main(
        [
            *(f"--model={run}", f"--output_dir={folder}", "--pixels=uint8"),
            *("--quantization=float32,full_int8,static_int8", "--count=4"),
            *(
                "--repeats=1",
                "--representative_count=8",
                f"--json={run / 'result.json'}",
            ),
        ]
    )
    return folder, json.loads((run / "result.json").read_text())


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow",
    reason="test_pictures_as_they_are.py exports from TensorFlow",
)
def test_files_are_written_and_close_to_keras(exported):
    folder, content = exported
    names = ["student_saved_model", "student_float32.tflite"]
    names += ["student_full_int8.tflite", "student.onnx", "student_static_int8.onnx"]
    results = dict(zip(names, content["results"], strict=True))
    assert {path.name for path in folder.iterdir()} == set(names)
    for name, result in results.items():
        assert result["path"] == str(folder / name) and result["failure"] is None
        assert len(result["seconds"]) == 1 and result["median_seconds"] > 0
        if "int8" in name:
            # Without equalized channels: 9 dB.
            assert 30 < result["psnr"] < 60
        else:
            # Half a grey level, since pixels are rounded: 59 dB, a quarter on average.
            assert 0.2 < result["mean_difference"] < 0.3
            assert result["max_difference"] < 0.51 and result["psnr"] > 58
    size = (folder / "student.onnx").stat().st_size
    assert results["student.onnx"]["bytes"] == size
    assert "4 test images of the built-in sample" in content["images"]
    assert content["settings"]["image_size"] == SIZE
    assert content["environment"]["backend"] == keras.backend.backend()


@pytest.mark.any_backend
def test_a_file_that_is_too_far_off_fails(exported, monkeypatch, capsys):
    folder, _ = exported
    # The files are there.
    monkeypatch.setattr(tool, "export_models", lambda *arguments, record: None)
    flags = [f"--model={folder.parent}", f"--output_dir={folder}", "--pixels=uint8"]
    flags += ["--count=2", "--representative_count=2", "--repeats=1"]
    flags += ["--quantization=full_int8", "--format=onnx,litert", "--min_psnr=90"]
    with pytest.raises(
        SystemExit, match=r"1 file.*full_int8.tflite \(PSNR .* below 90"
    ):
        tool.main(flags)
    printed = capsys.readouterr().out
    assert printed.count("FAILED") == 1 and printed.count(" ok\n") == 1


@pytest.mark.any_backend
def test_tolerance():
    tolerance = Tolerance(mean_difference=1.0, psnr=25.0)
    result = {"mean_difference": 1.5, "psnr": 24.0}
    floats, integers = (
        ExportOptions("litert", (8, 8), quantization=kind)
        for kind in ("float16", "dynamic_int8")
    )
    assert "mean difference 1.50" in tolerance.failure(result, floats)
    assert "PSNR 24.0 dB" in tolerance.failure(result, integers)
    assert tolerance.failure({**result, "mean_difference": 1.0}, floats) is None
    assert tolerance.failure({**result, "psnr": 25.0}, integers) is None
    broken = {"mean_difference": np.nan, "psnr": np.nan}
    assert tolerance.failure(broken, floats) and tolerance.failure(broken, integers)


@pytest.mark.any_backend
def test_pictures_of_runs(tmp_path):
    record = tmp_path / "run.json"
    record.write_text(json.dumps({"settings": {"dataset": "horse2zebra"}}))
    with pytest.raises(ValueError, match="`--images` must be given"):
        sample_pictures(tmp_path, SIZE, 1, 1)
    there, back = {"dataset": "sample"}, {"dataset": "sample", "direction": "BtoA"}
    record.write_text(json.dumps({"settings": there}))
    plain = sample_pictures(tmp_path, SIZE, 2, 3)
    assert plain.compared.shape == (2, SIZE, SIZE, 3)
    assert plain.representative.shape == (3, SIZE, SIZE, 3)
    record.write_text(json.dumps({"settings": back}))
    assert np.any(sample_pictures(tmp_path, SIZE, 2, 3).compared != plain.compared)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"settings": []}', '{"settings": {"image_size": "8"}}']
)
def test_run_json_of_another_form(tmp_path, content):
    generator().save(tmp_path / "student.keras")
    (tmp_path / "run.json").write_text(content)
    message = "^export: .*run.json (is not|must) .*Received: "
    with pytest.raises(SystemExit, match=message):
        tool.main([f"--model={tmp_path}", f"--output_dir={tmp_path / 'out'}"])
    message = "^export_web: .*run.json (is not|must) .*Received: "
    with pytest.raises(SystemExit, match=message):
        export_web.main([f"--model={tmp_path}", f"--output_dir={tmp_path / 'out'}"])
    assert not (tmp_path / "out").exists()


@pytest.mark.any_backend
def test_missing_packages_are_found_out_before_the_work(run, tmp_path, monkeypatch):
    def find_spec(name):
        return None if name in missing else find_real(name)

    find_real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    # The work.
    monkeypatch.setattr(pictures.data, "evaluation_images", None)
    flags = [f"--model={run}", f"--output_dir={tmp_path / 'out'}"]
    for missing, formats, extras in (
        (["tensorflow"], "tf_saved_model, litert", "export,tensorflow-cpu"),
        (["ai_edge_litert"], "litert", "export"),
        (["onnxruntime"], "onnx", "export"),
    ):
        with pytest.raises(SystemExit) as error:
            tool.main(flags)
        assert str(error.value) == (
            f"export: the export to {formats} needs {missing[0]}: "
            f'`pip install "crd_keras[{extras}]"`. Received: not installed'
        )
    missing = ["onnx"]
    with pytest.raises(ImportError, match="the export to onnx needs onnx: "):
        export_onnx(generator(), tmp_path / "x.onnx")


@pytest.mark.any_backend
def test_bad_input_is_refused_in_one_line(run, tmp_path):
    unet, two = tmp_path / "unet.keras", tmp_path / "two.keras"
    models.unet_generator(filters=1, downs=2).save(unet)
    inputs = [keras.Input((8, 8, 3)) for _ in range(2)]
    keras.Model(inputs, keras.layers.Add()(inputs)).save(two)
    (tmp_path / "file").write_text("here")
    (tmp_path / "bombs").mkdir()
    write_bomb(tmp_path / "bombs" / "bomb.png")
    cases = [
        (["--model=none.keras"], "there is no model file none.keras"),
        (["--count=0"], "`--count` must be at least 1. Received: 0"),
        (["--min_psnr=nan"], "`--min_psnr` must be finite. Received: nan"),
        (["--format=pb"], "`format` must be one of .*Received: 'pb'"),
        (["--images=none"], "`--images` must be a folder. Received: none"),
        ([f"--representative_images={tmp_path}"], "needs `--images`"),
        (["--json=nowhere/x.json"], "`--json` must be in a folder that exists"),
        (["--json=student.keras"], "`--json` must end with .json"),
        ([f"--output_dir={tmp_path / 'file'}"], "`--output_dir` must be a folder"),
        ([f"--output_dir={tmp_path / 'file' / 'x'}"], ".*/file is a file. Received: "),
        ([f"--images={tmp_path / 'bombs'}"], r"`--images`: .*bomb.png \(more than 178"),
        (["--image_size=30", f"--model={unet}"], "`--image_size` must be divisible"),
        ([f"--model={two}"], "`--model` must make images of images"),
        (["--free_size"], "`image_size` and `batch_size` must be given for"),
        (["--quantization=int4"], "`--quantization` must be some of .*Received: int4"),
        (["--opset=3"], "`opset_version` must be 14 to 18"),
    ]
    for flags, message in cases:
        arguments = [f"--model={run}", f"--output_dir={tmp_path / 'out'}", *flags]
        with pytest.raises(SystemExit, match=f"^export: .*{message}") as caught:
            tool.main(arguments)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
