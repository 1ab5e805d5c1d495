"""Families of students: their settings, their sizes, and a run with two of them."""

import contextlib
import dataclasses
import functools
import io
import json

import keras
import numpy as np
import pytest

from crd_keras import data
from crd_keras.complexity import complexity
from crd_keras.experiment import student_sizes as sizes_of_students
from crd_keras.experiment.budget import choose_student, within_budget
from crd_keras.experiment.networks import make_generator
from crd_keras.experiment.run import run
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.student_sizes import (
    StudentSize,
    student_sizes,
    write_sizes,
)
from crd_keras.experiment.students import students_of
from crd_keras.metrics import get_metric
from crd_keras.report.read_metrics import read_metrics
from tests import small_run
from tests.report.page import Page

pytestmark = pytest.mark.any_backend

# Students of one size need no TFLite files, which take long to make.
LOSSES = """
[relations]
distillation = "content_relation"

["no-rows"]
distillation = "content_relation"
contents = "patch"
adversarial_weight = 0
"""

FAMILY = dataclasses.replace(small_run.SETTINGS, batch_size=16, evaluate_every=2)


@pytest.fixture(autouse=True, scope="module")
def small_sample():
    with pytest.MonkeyPatch.context() as patch:
        small = functools.partial(data.sample_source, train=64, test=8)
        # Drawn once for all runs.
        patch.setattr(data, "sample_source", functools.cache(small))
        yield


def settings(output_dir, students: str | None = None, **changes) -> Settings:
    """Of a run whose file of students lies beside its folder."""
    if students is not None:
        path = output_dir.parent / "students.toml"
        path.write_text(students)
        changes["students"] = str(path)
    return dataclasses.replace(FAMILY, output_dir=str(output_dir), **changes)


def refuse(*arguments, **options):
    raise ImportError("no LiteRT")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of a run with the two students of `LOSSES`."""
    folder = tmp_path_factory.mktemp("family") / "run"
    with contextlib.redirect_stdout(io.StringIO()):
        run("horse2zebra", "quick", settings(folder, LOSSES))
    return folder


def test_a_family_leaves_what_one_student_does(folder):
    results = json.loads((folder / "results.json").read_text())
    names = ["untranslated input", "teacher", "relations", "no-rows"]
    assert list(results["metrics"]) == names
    scores = {name: results["metrics"][name]["swd"] for name in names[2:]}
    assert results["best_student"] == min(scores, key=scores.__getitem__)
    assert results["within_budget"] == names[2:]

    metrics = read_metrics(folder / "metrics.csv")
    for name in ("relations/row_angle", "no-rows/patch_angle", "no-rows/loss"):
        assert np.isfinite(metrics[name]).all(), name
    for name in names[2:]:
        assert np.isfinite(metrics[f"{name}/student_swd"]).tolist() == [False, True]
        assert metrics[f"{name}/student_learning_rate"][0] > 0
    assert "no-rows/row_angle" not in metrics
    assert "no-rows/adversarial" not in metrics and "relations/adversarial" in metrics

    networks = [folder / "students" / f"{name}.keras" for name in names[2:]]
    best = networks[names[2:].index(results["best_student"])]
    for a, b in zip(
        *(
            keras.saving.load_model(path).get_weights()
            for path in (best, folder / "student.keras")
        ),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    expected = complexity(keras.saving.load_model(best), 16)
    stored = json.loads((folder / "student_sizes.json").read_text())
    assert stored["no-rows"] == {
        "parameters": expected.parameters,
        "macs": expected.macs,
        "bytes": None,
        "latency_ms": None,
    }
    report = (folder / "report.html").read_text()
    assert "teacher and students" in report and "no-rows" in report


def test_a_student_of_a_family_is_the_one_of_a_run_alone(folder, tmp_path):
    alone = dataclasses.replace(FAMILY, distillation="content_relation")
    run(
        "horse2zebra",
        "quick",
        dataclasses.replace(alone, output_dir=str(tmp_path / "alone")),
    )
    for name, of_family in (
        ("student", "students/relations"),
        ("teacher", "teacher"),
        ("discriminator", "discriminator"),
    ):
        for a, b in zip(
            keras.saving.load_model(tmp_path / "alone" / f"{name}.keras").get_weights(),
            keras.saving.load_model(folder / f"{of_family}.keras").get_weights(),
            strict=True,
        ):
            np.testing.assert_allclose(a, b, atol=1e-6, err_msg=name)


def test_a_cut_family_goes_on_with_the_same_students(folder, tmp_path):
    cut = tmp_path / "run"
    run("horse2zebra", "quick", settings(cut, LOSSES, max_steps=6))
    changed = settings(cut, LOSSES.replace("patch", "row"), resume=True)
    with pytest.raises(SystemExit, match="students .*content is another now"):
        run("horse2zebra", "quick", changed)
    run("horse2zebra", "quick", settings(cut, LOSSES, resume=True))
    for name in ("metrics.csv", "results.json", "student_sizes.json"):
        assert (cut / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_best_of_a_family_of_sizes_is_within_the_budget(
    tmp_path, monkeypatch, capsys
):
    """Where the package that measures files is missing, they are left out."""
    monkeypatch.setattr(sizes_of_students, "check_packages", refuse)
    sizes = {n: complexity(make_generator(FAMILY, n), 16) for n in (2, 3)}
    family = settings(
        tmp_path / "run",
        student_filters=(3, 2),
        max_macs=sizes[3].macs - 1,
        evaluate_every=1,
        epochs=1,
    )
    run("horse2zebra", "quick", family)
    assert "the students are left out: no LiteRT" in capsys.readouterr().out
    stored = json.loads((tmp_path / "run" / "student_sizes.json").read_text())
    assert stored == {
        f"filters{n}": {
            "parameters": sizes[n].parameters,
            "macs": sizes[n].macs,
            "bytes": None,
            "latency_ms": None,
        }
        for n in (3, 2)
    }
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["within_budget"] == [results["best_student"]] == ["filters2"]
    student = keras.saving.load_model(tmp_path / "run" / "student.keras")
    assert student.count_params() == sizes[2].parameters
    larger = keras.saving.load_model(tmp_path / "run" / "students" / "filters3.keras")
    assert larger.count_params() == sizes[3].parameters
    page = Page((tmp_path / "run" / "report.html").read_text(encoding="utf-8"))
    head, *rows = page.tables[1]
    assert head == ["student", "parameters", "MACs, true", "swd", "remarks"]
    for row, n, remark in zip(rows, (3, 2), ("over the budget", "chosen"), strict=True):
        score = results["metrics"][f"filters{n}"]["swd"]
        assert row[:2] == [f"filters{n}", f"{sizes[n].parameters:,}"]
        assert row[3] == f"{score:.4g}" and row[4].startswith(remark)
    message = "`--max_parameters` must leave a student.* is filters2 with"
    strict = dataclasses.replace(
        family, output_dir=str(tmp_path / "strict"), max_parameters=9
    )
    with pytest.raises(SystemExit, match=message):
        run("horse2zebra", "quick", strict)


def test_a_run_that_was_stopped_before_it_had_a_record_begins_anew(
    tmp_path, monkeypatch
):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, "write_record", stop)
    cut = settings(tmp_path / "run", LOSSES)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        run("horse2zebra", "quick", cut)
    with RunFolder(cut.output_dir, dataclasses.replace(cut, resume=True)) as folder:
        assert folder.open_checkpoint().first_epoch() == 0


class TestSettings:
    def test_a_single_student(self):
        assert students_of(FAMILY) == {"student": FAMILY}

    def test_sizes(self):
        family = dataclasses.replace(FAMILY, student_filters=(2, 3))
        assert students_of(family) == {
            f"filters{n}": dataclasses.replace(FAMILY, student_filters=n)
            for n in (2, 3)
        }

    def test_a_file(self, tmp_path):
        family = settings(tmp_path / "run", LOSSES)
        students = students_of(family)
        assert list(students) == ["relations", "no-rows"]
        assert students["no-rows"] == dataclasses.replace(
            family,
            distillation="content_relation",
            contents="patch",
            adversarial_weight=0.0,
        )

    def test_a_path_is_relative_to_the_file(self, tmp_path):
        for path, expected in (
            ("other/d.keras", tmp_path / "other" / "d.keras"),
            ("/d.keras", "/d.keras"),
        ):
            text = f"[a]\nstudent_discriminator = '{path}'"
            student = students_of(settings(tmp_path / "run", text))["a"]
            assert student.student_discriminator == str(expected)


@pytest.mark.parametrize(
    ("students", "changes", "message"),
    [
        (None, {"student_filters": (2, 2)}, "`--student_filters` must name each.*2,2"),
        (None, {"student_filters": (2, 0)}, "`--student_filters` must be at least 1"),
        ("[a]\nepochs = 3", {}, r"`--students`: \[a\] .*settings in which.*: epochs"),
        ("[a]\npatch_size = '8'", {}, "patch_size must be of the kind int.*'8'"),
        ("[a]\npatch_size = 0", {}, r"\[a\] .*`--patch_size` must be at least 1"),
        ("[a]\ndistillation = 'rows'", {}, "`--distillation` must be .*rows"),
        ("['a b']\npatch_size = 8", {}, "`--students` must have names of letters"),
        ("contents = 'row'", {}, r"`--students`: \[contents\] .*must be a table"),
        ("", {}, "`--students` must be a file with a table for each student"),
        ("[a", {}, "`--students` must be a TOML file"),
        (LOSSES, {"student_filters": (2, 3)}, "`--student_filters` must be one number"),
        (LOSSES, {"discriminator_regime": "updating"}, "takes a single student.*: 2"),
        (LOSSES, {"max_parameters": 9}, "`--max_parameters` must leave a.*smallest"),
        (None, {"max_macs": 0}, "`--max_macs` must be at least 1. Received: 0"),
        (None, {"max_latency_ms": -1.0}, "`--max_latency_ms` must be above 0"),
    ],
)
def test_bad_families_stop_before_training(tmp_path, students, changes, message):
    folder = tmp_path / "run"
    with pytest.raises(SystemExit, match=f"^horse2zebra: .*{message}") as error:
        run("horse2zebra", "quick", settings(folder, students, **changes))
    assert "\n" not in str(error.value)
    assert not (folder / "run.json").exists()


def test_no_such_file(tmp_path):
    missing = dataclasses.replace(settings(tmp_path / "run"), students="nowhere.toml")
    with pytest.raises(SystemExit, match="`--students` must be a file.*nowhere.toml"):
        run("horse2zebra", "quick", missing)


SIZES = {
    "small": StudentSize(100, 1000, 500, 1.0),
    "middle": StudentSize(200, 2000, 900, 2.0),
    "large": StudentSize(300, 3000, 1300, 2.5),
}


class TestBudget:
    @pytest.mark.parametrize(
        ("limits", "expected"),
        [
            ({}, ["small", "middle", "large"]),
            ({"max_macs": 2000}, ["small", "middle"]),
            ({"max_parameters": 299, "max_bytes": 600}, ["small"]),
            ({"max_latency_ms": 2.4}, ["small", "middle"]),
        ],
    )
    def test_who_is_within(self, limits, expected):
        assert within_budget(SIZES, Settings(**limits)) == expected

    def test_none_is_within(self):
        message = "`--max_bytes` must leave .* is small with 500. Received: 499"
        with pytest.raises(ValueError, match=message):
            within_budget(SIZES, Settings(max_macs=2000, max_bytes=499))

    @pytest.mark.parametrize(("metric", "best"), [("mae", "small"), ("psnr", "large")])
    def test_the_best_in_the_metrics_direction(self, metric, best):
        scores = {"small": 1.0, "middle": 2.0, "large": 2.0, "unused": 0.0}
        allowed = ["small", "large", "middle"]
        assert choose_student(scores, allowed, get_metric(metric)) == best


def test_files_are_measured_where_students_differ_in_size(tmp_path, monkeypatch):
    """Once for each size, and not again in a resumed run."""
    exported = []

    def export(network, path, *arguments, **options):
        exported.append(network)
        path.write_bytes(bytes(1000 * len(exported)))

    def measure(path, image_size):
        return {"bytes": path.stat().st_size, "median_seconds": 0.25}

    monkeypatch.setattr(sizes_of_students, "check_packages", lambda *a, **k: None)
    monkeypatch.setattr(sizes_of_students, "export_model", export)
    monkeypatch.setattr(sizes_of_students, "measure", measure)
    family = dataclasses.replace(FAMILY, student_filters=(2, 3))
    networks = {
        name: make_generator(FAMILY, filters)
        for name, filters in (("filters2", 2), ("filters3", 3), ("again", 2))
    }
    path = tmp_path / "sizes.json"
    sizes = student_sizes(networks, family, path)
    assert [size.bytes for size in sizes.values()] == [1000, 2000, 1000]
    assert {size.latency_ms for size in sizes.values()} == {250.0}
    assert sizes["filters3"].parameters == networks["filters3"].count_params()
    write_sizes(sizes, path)
    assert student_sizes(networks, family, path) == sizes and len(exported) == 2


def test_a_limit_of_bytes_has_the_file_made(tmp_path):
    pytest.importorskip("tensorflow")
    pytest.importorskip("ai_edge_litert")
    limited = dataclasses.replace(FAMILY, max_bytes=10**6)
    network = make_generator(FAMILY, 2)
    (size,) = student_sizes({"student": network}, limited, tmp_path / "s").values()
    # Weights in float32, and the graph.
    assert 4 * size.parameters < size.bytes < 4 * size.parameters + 50_000
    assert 0 < size.latency_ms < 1000


def test_a_limit_of_bytes_needs_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(sizes_of_students, "check_packages", refuse)
    for limit in ("max_bytes", "max_latency_ms"):
        with pytest.raises(ImportError, match="no LiteRT"):
            student_sizes(
                {"student": make_generator(FAMILY, 2)},
                dataclasses.replace(FAMILY, **{limit: 1}),
                tmp_path / "sizes.json",
            )
