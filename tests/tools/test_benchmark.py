import json
import os
import pathlib
import subprocess
import sys

import benchmark as tool
import keras
import pytest
import tiny
from benchmarks import environment, inference, relations, step

ROOT = pathlib.Path(__file__).parents[2]


def test_relations(tmp_path, capsys, monkeypatch):
    # Measured here: processes of their own take their time.
    for module in (relations, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "relations.json"
    tool.main(
        [
            "relations",
            "--image_size=32",
            "--patch_size=8",
            "--contents=all",
            "--repeats=3",
            f"--json={path}",
        ]
    )
    content = json.loads(path.read_text())
    assert content["suite"] == "relations"
    assert content["settings"] == {
        "image_size": 32,
        "patch_size": 8,
        "batch_size": 1,
        "contents": ["all"],
        "forms": ["gram", "direct"],
        "repeats": 3,
    }
    surroundings = content["environment"]
    assert surroundings["backend"] == keras.backend.backend()
    assert surroundings["versions"]["keras"] == keras.__version__
    (result,) = content["results"]
    assert result["contents"] == "all"
    assert result["relative_difference"] < 1e-5
    assert result["relative_gradient_difference"] < 1e-4
    for form in ("gram", "direct"):
        low, median, high = sorted(result[form]["seconds"])
        assert 0 < low and median == result[form]["median_seconds"]
        assert result[form]["cores_used_by_others"] >= 0
    medians = [result[form]["median_seconds"] for form in ("direct", "gram")]
    assert result["time_ratio"] == pytest.approx(medians[0] / medians[1])
    least = [min(result[form]["seconds"]) for form in ("direct", "gram")]
    assert result["least_time_ratio"] == pytest.approx(least[0] / least[1])
    assert f"{result['time_ratio']:.1f}" in capsys.readouterr().out


def test_relations_of_one_form(tmp_path, capsys, monkeypatch):
    for module in (relations, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "relations.json"
    tool.main(
        [
            "relations",
            "--image_size=32",
            "--patch_size=16",
            "--contents=patch",
            "--forms=gram",
            "--repeats=2",
            f"--json={path}",
        ]
    )
    (result,) = json.loads(path.read_text())["results"]
    assert set(result) == {"contents", "gram"}
    assert len(result["gram"]["seconds"]) == 2
    out = capsys.readouterr().out
    assert "patch" in out and "gram" in out and "ratio" not in out


def test_step(tmp_path, capsys, monkeypatch):
    for module in (step, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "step.json"
    networks = {
        "teacher_filters": 4,
        "student_filters": 2,
        "blocks": 1,
        "discriminator_filters": 2,
        "vgg_blocks": 2,
        "patch_size": 8,
    }
    flags = [f"--{name}={value}" for name, value in networks.items()]
    size = ["--image_size=32", "--repeats=3"]
    tool.main(["step", "--steps", "student", *size, *flags, f"--json={path}"])
    content = json.loads(path.read_text())
    assert content["settings"] == {
        "steps": ["student"],
        "image_size": 32,
        "batch_size": 1,
        "repeats": 3,
        **networks,
    }
    (result,) = content["results"]
    assert result["step"] == "student"
    programs = [result[name] for name in ("crd_keras", "plain_pytorch")]
    for measured in programs:
        low, median, high = sorted(measured["seconds"])
        assert 0 < low and median == measured["median_seconds"]
    ours, plain = programs
    fraction = ours["median_seconds"] / plain["median_seconds"]
    assert result["time_fraction"] == pytest.approx(fraction)
    assert f"{result['time_fraction']:.2f}" in capsys.readouterr().out


def test_inference(tmp_path, capsys, monkeypatch):
    for module in (inference, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    flags = []
    for name, filters in (("teacher", 8), ("student", 4)):
        path = tmp_path / f"{name}.keras"
        tiny.generator(filters, seed=0).save(path)
        flags.append(f"--{name}={path}")
    path = tmp_path / "inference.json"
    size = ["--image_size=16", "--repeats=3", "--threads", "1", "--exports"]
    tool.main(["inference", *flags, f"--json={path}", *size])
    teacher, student = json.loads(path.read_text())["results"]
    for result in (teacher, student):
        assert (result["runtime"], result["threads"]) == ("Keras", 1)
        assert result["keras_ratio"] == 1
        size = (tmp_path / f"{result['network']}.keras").stat().st_size
        assert result["bytes"] == pytest.approx(size, rel=0.05)
    ratio = teacher["median_seconds"] / student["median_seconds"]
    assert student["teacher_ratio"] == pytest.approx(ratio)
    assert teacher["teacher_ratio"] is None
    assert f"{ratio:.2f}" in capsys.readouterr().out


def test_more_threads_than_cores(monkeypatch):
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    with pytest.raises(SystemExit, match="`--threads` must be 1 to .*10000"):
        tool.main(["inference", "--threads", "10000"])


def test_a_missing_folder_is_refused_at_once(tmp_path):
    process = subprocess.run(
        [
            sys.executable,
            ROOT / "tools" / "benchmark.py",
            "relations",
            f"--json={tmp_path}/nowhere/x.json",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 2 and "folder must exist" in process.stderr
