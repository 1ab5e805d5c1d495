import json
import re

import benchmark as tool
import keras
import numpy as np
import pytest
from benchmarks import (
    family,
    inference,
    pipeline,
    plain_pillow,
    relations,
    scaling,
    step,
    step_programs,
)
from PIL import Image

from crd_keras.utils import environment
from tests import tiny

NETWORKS = {
    "teacher_filters": 4,
    "student_filters": 2,
    "blocks": 1,
    "discriminator_filters": 2,
    "vgg_blocks": 2,
    "patch_size": 8,
}
FLAGS = [f"--{name}={value}" for name, value in NETWORKS.items()]


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


@pytest.mark.any_backend
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


@pytest.mark.any_backend
def test_step(tmp_path, capsys, monkeypatch):
    for module in (step, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "step.json"
    size = ["--image_size=32", "--repeats=3"]
    tool.main(["step", "--steps", "student", *size, *FLAGS, f"--json={path}"])
    content = json.loads(path.read_text())
    assert content["settings"] == {
        "steps": ["student"],
        "image_size": 32,
        "batch_size": 1,
        "repeats": 3,
        **NETWORKS,
    }
    (result,) = content["results"]
    assert result["step"] == "student"
    programs = [result[name] for name in ("crd_keras", "plain_pytorch")]
    for measured in programs:
        low, median, high = sorted(measured["seconds"])
        assert 0 < low and median == measured["median_seconds"]
        assert measured["processor_seconds"] > 0
    ours, plain = programs
    fraction = ours["median_seconds"] / plain["median_seconds"]
    assert result["time_fraction"] == pytest.approx(fraction)
    assert f"{result['time_fraction']:.2f}" in capsys.readouterr().out


@pytest.mark.any_backend
def test_scaling(tmp_path, capsys, monkeypatch):
    for module in (scaling, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "scaling.json"
    size = ["--image_size=32", "--batch_size=2", "--repeats=3"]
    tool.main(["scaling", "--devices", "1", *size, *FLAGS, f"--json={path}"])
    (result,) = json.loads(path.read_text())["results"]
    assert (result["devices"], result["batch_size"]) == (1, 2)
    low, median, high = sorted(result["seconds"])
    assert 0 < low and median == result["median_seconds"]
    assert result["images_per_second"] == pytest.approx(2 / median)
    assert result["speedup"] == result["efficiency"] == 1
    assert "100%" in capsys.readouterr().out


@pytest.mark.any_backend
def test_efficiency():
    speeds = {1: 10.0, 2: 18.0, 4: 30.0}
    results = scaling.with_efficiency(
        [{"devices": n, "images_per_second": speed} for n, speed in speeds.items()]
    )
    assert [result["speedup"] for result in results] == [1, 1.8, 3]
    assert [result["efficiency"] for result in results] == [1, 0.9, 0.75]


@pytest.mark.any_backend
@pytest.mark.parametrize("devices", [["2", "1"], ["1", "1"]])
def test_numbers_of_devices_ascend(devices, monkeypatch):
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    with pytest.raises(SystemExit, match="`--devices` must be ascending"):
        tool.main(["scaling", "--devices", *devices])


@pytest.mark.any_backend
def test_family(tmp_path, capsys, monkeypatch):
    measured = []

    def measure(function, program, step, sizes, shape, repeats):
        measured.append((function, program, step, sizes["students"], shape, repeats))
        seconds = [1.0, 2.0] if sizes["students"] == 1 else [3.0, 4.0]
        return {
            "seconds": seconds,
            "median_seconds": np.mean(seconds),
            "processor_seconds": sum(seconds),
            "peak_extra_bytes": 2**20 * sizes["students"],
            "cores_used_by_others": 0.25,
        }

    monkeypatch.setattr(family, "in_fresh_process", measure)
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "family.json"
    flags = ["--students", "4", "--image_size=32", "--repeats=2", *FLAGS]
    tool.main(["family", *flags, f"--json={path}"])
    cases = [("teacher", 1), ("joint", 1), ("joint", 4)]
    assert measured == [
        (step.measure, "crd_keras", *case, (1, 32, 32, 3), 2) for case in cases
    ]
    (four,) = json.loads(path.read_text())["results"]["families"]
    assert four["fractions"]["median_seconds"] == pytest.approx(3.5 / 1.5 / 4)
    last_row = capsys.readouterr().out.splitlines()[-3]
    assert re.split(" {2,}", last_row) == [
        *("4", "3.5 s (3 to 4)", "0.58", "7 s", "0.58"),
        *("4 MiB", "4.00", "0.25"),
    ]


@pytest.mark.any_backend
def test_members_of_a_family():
    sizes = {**NETWORKS, "student_filters": 8}
    students = step_programs.make_trainer("joint", students=5, **sizes).students
    stems = [x.network.get_layer("stem") for x in students.values()]
    assert [stem.filters for stem in stems] == [8, 6, 4, 12, 8]
    weights = [student.loss.weights["relation"] for student in students.values()]
    assert weights == [25, 25, 25, 25, 5]


@pytest.mark.any_backend
def test_fractions_of_families():
    def measured(seconds, size=None):
        times = {"median_seconds": seconds, "processor_seconds": 2 * seconds}
        return {**times, "peak_extra_bytes": size}

    families = {4: measured(2.0, 150), 12: measured(3.2, 200)}
    results = family.compared(measured(0.8), measured(1.0, 100), families)
    four, twelve = results["families"]
    assert four["fractions"] == dict.fromkeys(family.TIMES, 0.5)
    assert twelve["fractions"]["median_seconds"] == pytest.approx(3.2 / 12)
    assert (four["memory_fraction"], twelve["memory_fraction"]) == (1.5, 2)
    assert results["teachers_part"] == dict.fromkeys(family.TIMES, 0.8)
    # Eleven further students take 2.2 of the time of one's step.
    for fraction in results["least_fractions"].values():
        assert fraction == pytest.approx(0.2)


@pytest.mark.any_backend
@pytest.mark.parametrize("students", [["1", "4"], ["4", "2"], ["2", "2"]])
def test_families_are_of_several_and_ascend(students, monkeypatch):
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    message = "`--students` must be at least 2 and ascending"
    with pytest.raises(SystemExit, match=message):
        tool.main(["family", "--students", *students])


@pytest.mark.any_backend
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


@pytest.mark.any_backend
def test_more_threads_than_cores(monkeypatch):
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    with pytest.raises(SystemExit, match="`--threads` must be 1 to .*10000"):
        tool.main(["inference", "--threads", "10000"])


@pytest.mark.any_backend
def test_pipeline(tmp_path, capsys, monkeypatch):
    for module in (pipeline, environment):
        monkeypatch.setattr(module, "in_fresh_process", lambda f, *a: f(*a))
    path = tmp_path / "pipeline.json"
    flags = ["--images=5", "--image_size=16", "--repeats=3", f"--json={path}"]
    tool.main(["pipeline", *flags])
    content = json.loads(path.read_text())
    assert content["settings"] == {
        "data_dir": None,
        "images": 5,
        "image_size": 16,
        "repeats": 3,
    }
    results = content["results"]
    assert set(results) == {
        *("first_pass", "later_passes", "python_first_pass", "python_later_passes"),
        "plain_pillow",
    }
    for name, measured in results.items():
        assert measured["images"] == 10
        assert len(measured["seconds"]) == (1 if "first" in name else 3)
        speeds = [10 / seconds for seconds in measured["seconds"]]
        assert measured["images_per_second"] == pytest.approx(np.median(speeds))
    ours, plain = results["later_passes"], results["plain_pillow"]
    ratio = ours["images_per_second"] / plain["images_per_second"]
    assert ours["speedup"] == pytest.approx(ratio)
    assert f"{ours['images_per_second']:.0f} (" in capsys.readouterr().out


@pytest.mark.any_backend
def test_plain_pillow_crops_and_flips(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (36, 36, 3), np.uint8)
    path = tmp_path / "x.png"
    Image.fromarray(picture).save(path)
    crops = [
        picture[top : top + 32, left : left + 32][:, ::step] / 127.5 - 1
        for top in range(5)
        for left in range(5)
        for step in (1, -1)
    ]
    for _ in range(20):
        result = plain_pillow.augmented(path, 32)
        assert result.dtype == np.float32
        assert min(np.abs(result - crop).max() for crop in crops) < 1e-6


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--image_size=0", "`--image_size` must be at least 1. Received: 0"),
        ("--json=nowhere/x.json", "`--json` must be in a folder that exists"),
        ("--json=student.keras", "`--json` must end with .json"),
        ("--repeats=0", "`--repeats` must be at least 1. Received: 0"),
    ],
)
def test_bad_arguments_are_refused_at_once(argument, message):
    with pytest.raises(SystemExit, match=f"^benchmark: {message}"):
        tool.main(["relations", argument])


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["relations", "--image_size=30"], "`--patch_size` must divide `--image_size`"),
        (["step", "--image_size=30"], "`--image_size` must be divisible by 4"),
        (["scaling", "--image_size=30"], "`--image_size` must be divisible by 4"),
        (["pipeline", "--image_size=30"], "`--image_size` must be divisible by 4"),
        (["pipeline", "--data_dir=nowhere"], "`--data_dir` must be a folder"),
        (["inference", "--image_size=30"], "`--image_size` must be divisible by 4"),
        (["inference", "--student=no.keras"], "there is no model file no.keras"),
    ],
)
def test_bad_arguments_of_a_suite_are_one_line(arguments, message, monkeypatch):
    monkeypatch.setattr(environment, "in_fresh_process", lambda f, *a: f(*a))
    # Small networks, which nothing measures.
    monkeypatch.setattr(inference, "NETWORKS", {"teacher": 2, "student": 2})
    with pytest.raises(SystemExit, match=f"^benchmark: {message}"):
        tool.main(arguments)
