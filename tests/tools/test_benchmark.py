import json
import os
import pathlib
import subprocess
import sys

import benchmark as tool
import keras
import pytest
from benchmarks import environment, relations

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
    assert f"{result['time_ratio']:.1f}" in capsys.readouterr().out


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
