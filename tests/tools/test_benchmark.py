import json
import os
import pathlib
import subprocess
import sys

import keras
import pytest

ROOT = pathlib.Path(__file__).parents[2]


def benchmark(*arguments):
    environment = os.environ | {
        "KERAS_BACKEND": keras.backend.backend(),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "benchmark.py", *arguments],
        env=environment,
        capture_output=True,
        text=True,
    )


def test_relations(tmp_path):
    path = tmp_path / "relations.json"
    process = benchmark(
        "relations",
        "--image_size=32",
        "--patch_size=8",
        "--contents=all",
        "--repeats=3",
        f"--json={path}",
    )
    assert process.returncode == 0, process.stderr
    content = json.loads(path.read_text())
    assert content["suite"] == "relations"
    assert content["settings"] == {
        "image_size": 32,
        "patch_size": 8,
        "batch_size": 1,
        "contents": ["all"],
        "repeats": 3,
    }
    environment = content["environment"]
    assert environment["backend"] == keras.backend.backend()
    assert environment["versions"]["keras"] == keras.__version__
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
    assert f"{result['time_ratio']:.1f}" in process.stdout


def test_a_missing_folder_is_refused_at_once(tmp_path):
    process = benchmark("relations", f"--json={tmp_path}/nowhere/x.json")
    assert process.returncode == 2 and "folder must exist" in process.stderr
