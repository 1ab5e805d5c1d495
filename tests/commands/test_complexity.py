import dataclasses
import json

import keras
import pytest

from crd_keras.commands import complexity as tool
from crd_keras.complexity import complexity
from crd_keras.experiment.presets import RECIPES
from crd_keras.models import mobile_resnet_generator, resnet_generator

pytestmark = pytest.mark.any_backend


def test_paper_s_student(tmp_path, described_here, capsys):
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


def test_recipe(tmp_path, in_this_process, capsys):
    output = tmp_path / "result.json"
    flags = ["--recipe=horse2zebra", "--preset=quick", "--repeats=1"]
    tool.main([*flags, f"--json={output}"])
    content = json.loads(output.read_text())
    networks = {
        "original": resnet_generator(filters=32, blocks=2),
        "teacher": mobile_resnet_generator(filters=32, blocks=2),
        "student": mobile_resnet_generator(filters=8, blocks=2),
    }
    original = content["results"][0]
    for record, (name, network) in zip(
        content["results"], networks.items(), strict=True
    ):
        expected = dataclasses.asdict(complexity(network, 64))
        assert {count: record[count] for count in expected} == expected
        assert record["model"] == f"horse2zebra, quick: {name}"
        assert record["times_less"] == {
            count: original[count] / record[count] for count in expected
        }
    assert content["settings"]["image_size"] == 64
    ratio = original["parameters"] / 19_459
    assert f" 19,459 ({ratio:.1f}x) " in capsys.readouterr().out


def test_the_teacher_of_pix2pix_is_the_original():
    quick = RECIPES["edges2shoes"]["quick"]
    networks = tool._networks(quick)
    assert list(networks) == ["original and teacher", "student"]
    assert networks["original and teacher"] == (quick, quick.teacher_filters)


def test_what_cannot_be_counted_is_named():
    record = {
        "model": "model.onnx",
        "bytes": 1_500_000,
        "input_shape": [1, 3, 8, 8],
        **dict.fromkeys(("parameters", "macs", "macs_paper")),
        "not_counted": ["Einsum", "Loop"],
        "runtime": "ONNX Runtime",
        "seconds": [0.1, 0.2, 0.3],
        "cores_used_by_others": None,
    }
    heading, row, note = tool.table([record]).splitlines()
    assert heading.split("  ")[0] == "model"
    assert row.split()[:6] == ["model.onnx", "1.50", "MB", *["unknown"] * 3]
    assert note == "model.onnx: not known how to count: Einsum; Loop"


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
        (
            ["--recipe=horse2zebra", "--preset=x"],
            "one of paper, published, quick .* Received: x",
        ),
    ]
    monkeypatch.chdir(tmp_path)
    for arguments, message in cases:
        with pytest.raises(SystemExit, match=f"^complexity: .*{message}") as caught:
            tool.main(arguments)
        assert "\n" not in str(caught.value)
