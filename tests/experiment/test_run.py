"""A whole run on the built-in sample, and what stops one before it begins."""

import contextlib
import dataclasses
import errno
import functools
import io
import json
import shutil
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import data
from crd_keras.complexity import complexity
from crd_keras.experiment import run as experiment
from crd_keras.experiment.networks import make_generator
from crd_keras.experiment.presets import (
    RECIPES,
    edges2shoes,
    horse2zebra,
    summer2winter,
)
from crd_keras.experiment.run import run
from crd_keras.experiment.settings import Settings
from crd_keras.report.read_metrics import read_metrics
from crd_keras.utils.full_disk import DiskFullError
from tests import small_run
from tests.data.flat2fluent.packages import serve_packages

# What makes a run small.
SMALL = (
    "image_size",
    "batch_size",
    "teacher_filters",
    "student_filters",
    "discriminator_filters",
    "discriminator_layers",
    "patch_size",
)

# An evaluation after the first epoch would make the second another step to compile.
TINY = dataclasses.replace(
    small_run.SETTINGS,
    batch_size=16,
    augmentation="brightness,cutout",
    evaluate_every=2,
)


@pytest.fixture(autouse=True, scope="module")
def small_sample():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("sample_source", "paired_sample_source"):
            small = functools.partial(getattr(data, name), train=64, test=8)
            # Drawn once for all runs.
            patch.setattr(data, name, functools.cache(small))
        yield


@pytest.fixture(scope="module")
def whole_run(small_sample, tmp_path_factory):
    """Folder of an uninterrupted run of two epochs, and what it printed."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with contextlib.redirect_stdout(io.StringIO()) as output:
        run("horse2zebra", "quick", tiny(folder))
    return folder, output.getvalue()


def tiny(output_dir, **changes) -> Settings:
    return dataclasses.replace(TINY, output_dir=str(output_dir), **changes)


@pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="the quickest backend is enough"
)
def test_a_run_of_an_earlier_commit_goes_on(old_files, tmp_path):
    folder = shutil.copytree(old_files / "run", tmp_path / "run")
    old = json.loads((folder / "run.json").read_text())
    former = read_metrics(folder / "metrics.csv")
    settings = dataclasses.replace(
        Settings(**old["settings"]),
        output_dir=str(folder),
        resume=True,
        epochs=2,
        max_steps=None,
    )
    run("horse2zebra", "quick", settings)
    metrics = read_metrics(folder / "metrics.csv")
    assert metrics["epoch"].tolist() == [0, 1]
    logged = {name: x[0] for name, x in former.items() if np.isfinite(x[0])}
    assert {name: metrics[name][0] for name in logged} == logged
    assert np.isfinite([metrics[name][1] for name in logged]).all()
    record = json.loads((folder / "run.json").read_text())
    assert record["earlier_sessions"][0]["versions"] == old["versions"]
    assert record["versions"]["backend"] != old["versions"]["backend"]


@pytest.mark.any_backend
@pytest.mark.parametrize("recipe", RECIPES)
def test_presets_differ_by_a_quarter(recipe):
    presets = RECIPES[recipe]
    # The paper has no experiment on emoji.
    names = ["paper", "published", "quick"]
    assert list(presets) == (["quick"] if recipe == "flat2fluent" else names)
    for preset in presets.values():
        assert preset.teacher_filters == 4 * preset.student_filters


@pytest.mark.any_backend
def test_networks_of_the_paper():
    """Parameters of teacher and student, from DESIGN's table of the published ones."""
    for recipe, expected in (
        (horse2zebra, (1_987_075, 137_347)),
        (summer2winter, (1_987_075, 137_347)),
        (edges2shoes, (54_413_955, 3_404_451)),
    ):
        settings = recipe.PAPER
        received = tuple(
            complexity(make_generator(settings, filters)).parameters
            for filters in (settings.teacher_filters, settings.student_filters)
        )
        assert received == expected


@pytest.mark.any_backend
def test_paired_run_in_bfloat16(tmp_path, capsys):
    settings = dataclasses.replace(
        edges2shoes.QUICK,
        **{name: getattr(TINY, name) for name in SMALL},
        downs=3,
        contents="row",
        epochs=1,
        precision="mixed_bfloat16",
        output_dir=str(tmp_path),
    )
    run("edges2shoes", "quick", settings)
    metrics = read_metrics(tmp_path / "metrics.csv")
    for name in ("teacher_l1", "teacher_mae", "student_mae", "row_angle", "style"):
        assert np.isfinite(metrics[name]).tolist() == [True], name
    output = capsys.readouterr().out
    assert "untranslated input: mae " in output and ", ssim " in output
    report = (tmp_path / "report.html").read_text()
    assert "psnr, ssim" in report and "higher is better" in report
    assert "random features" in report
    # What is left is good for any program and device.
    assert keras.config.dtype_policy().name == "float32"
    for name in ("teacher", "student", "discriminator"):
        network = keras.saving.load_model(tmp_path / f"{name}.keras")
        assert {layer.compute_dtype for layer in network.layers} == {"float32"}


@pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="the quickest backend is enough"
)
@pytest.mark.any_backend
@pytest.mark.parametrize("gan", ["cycle_gan", "pix2pix"])
def test_emoji_are_scored_against_the_true_pictures(gan, tmp_path, monkeypatch):
    serve_packages(monkeypatch, tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    changes = {"dataset": "flat2fluent", "gan": gan, "batch_size": 2, "epochs": 1}
    run("flat2fluent", "quick", tiny(tmp_path / "run", **changes))
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["label"].endswith("preset quick; no perceptual loss.")
    assert results["metric"] == "swd" and "ssim" in results["higher_is_better"]
    # Half of each picture is coloured where its true picture is white, or the other way
    # round: blue differs from white in two channels, black in three. Bicubic resizing
    # blurs the edges a little.
    untranslated = results["metrics"]["untranslated input"]
    expected = 0.5 * 255 * np.mean([2 / 3, 1])
    assert untranslated["mae"] == pytest.approx(expected, rel=0.01)
    assert np.isfinite(results["metrics"]["student"]["psnr"])
    lines = [line for line in results["protocol"] if line.startswith("Pairs: ")]
    assert len(lines) == (gan == "cycle_gan")


def test_run_leaves_what_the_readme_says(whole_run):
    folder, output = whole_run
    student = keras.saving.load_model(folder / "student.keras")
    images = np.zeros((1, 16, 16, 3), "float32")
    assert student.predict(images, verbose=0).shape == images.shape
    assert keras.saving.load_model(folder / "teacher.keras").count_params() > (
        student.count_params()
    )
    metrics = read_metrics(folder / "metrics.csv")
    for name in ("loss", "row_angle", "patch_distance"):
        assert np.isfinite(metrics[name]).tolist() == [True, True], name
    assert np.isfinite(metrics["teacher_swd"]).tolist() == [False, True]
    with Image.open(folder / "grids" / "epoch_0002.png") as grid:
        assert grid.width > 3 * 16
    assert list((folder / "tensorboard").rglob("events.*"))
    record = json.loads((folder / "run.json").read_text())
    assert record["used"]["perceptual features"] == "no perceptual loss"
    assert record["settings"]["seed"] == 0
    assert record["versions"]["keras"] == keras.__version__
    report = (folder / "report.html").read_text()
    for text in (
        "Not a result on horse2zebra",
        "untranslated",
        "Reference: testB",
        "student_swd <b>best",
    ):
        assert text in report
    results = json.loads((folder / "results.json").read_text())
    assert results["metric"] == "swd" and "Not a result" in results["label"]
    assert list(results["metrics"]) == ["untranslated input", "teacher", "student"]
    score = results["metrics"]["student"]["swd"]
    assert f"student: swd {score:.4g}, mae " in output
    discriminator = keras.saving.load_model(folder / "discriminator.keras")
    assert discriminator.input_shape == (None, None, None, 3)


@pytest.mark.any_backend
def test_cut_run_ends_like_an_uninterrupted_one(whole_run, tmp_path):
    # An epoch has four steps: the rest of the second must not be left out.
    run("horse2zebra", "quick", tiny(tmp_path, max_steps=6))
    assert len(read_metrics(tmp_path / "metrics.csv")["epoch"]) == 2
    run("horse2zebra", "quick", tiny(tmp_path, resume=True))
    for name in ("metrics.csv", "results.json"):
        expected = (whole_run[0] / name).read_bytes()
        assert (tmp_path / name).read_bytes() == expected, name
    for name in ("student.keras", "teacher.keras", "discriminator.keras"):
        networks = (keras.saving.load_model(f / name) for f in (whole_run[0], tmp_path))
        for expected, weights in zip(*(n.get_weights() for n in networks), strict=True):
            np.testing.assert_array_equal(weights, expected, err_msg=name)


@pytest.mark.any_backend
def test_full_disk_ends_in_a_line(tmp_path, monkeypatch):
    error = DiskFullError(tmp_path / "checkpoint.h5", errno.ENOSPC, 5_000_000)

    def fill(*arguments):
        raise error

    monkeypatch.setattr(experiment, "_train", fill)
    with pytest.raises(SystemExit) as stopped:
        run("horse2zebra", "quick", tiny(tmp_path))
    assert "checkpoint.h5 takes 5.0 MB, and " in str(error)
    assert stopped.value.code == (
        f"horse2zebra: {error}. Pass --resume to go on once it can be written."
    )


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "`--epochs` must be at least 1. Received: 0"),
        (
            {"checkpoint_minutes": 0.0},
            "`--checkpoint_minutes` must be above 0. Received: 0.0",
        ),
        ({"blocks": 0}, "`--blocks` must be at least 1. Received: 0"),
        ({"seed": -1}, "`--seed` must be at least 0. Received: -1"),
        ({"learning_rate": 0.0}, "`--learning_rate` must be above 0. Received: 0.0"),
        ({"learning_rate": -1.0}, "`--learning_rate` must be above 0. Received: -1.0"),
        (
            {"learning_rate": float("nan")},
            "`--learning_rate` must be finite. Received: nan",
        ),
        (
            {"style_weight": float("inf")},
            "`--style_weight` must be finite. Received: inf",
        ),
        (
            {"angle_weight": -2.0},
            "`--angle_weight` must be at least 0. Received: -2.0",
        ),
        (
            {"distillation": "pixel_l1=nan"},
            "`--distillation=pixel_l1` must be finite. Received: nan",
        ),
        (
            {"discriminator_layers": 5},
            "`--image_size`.*--discriminator_layers.*`discriminator` must fit the "
            r"images.*Received: images of shape \(16, 16, 3\)",
        ),
        (
            {"generator": "unet", "downs": 5},
            "`--image_size`.*--downs.*divisible by 32.*Received: .*16, 16, 3",
        ),
        (
            {"image_size": 8, "patch_size": 4},
            "`--image_size` must be large enough for swd.*height 8",
        ),
        (
            {"patch_size": 16},
            "`--image_size`.*`--contents` must be 3 or more.*Received: 1 of 'patch'",
        ),
        (
            {"distillation": "wavelet", "image_size": 24},
            "`--image_size`.*multiples of 16. Received: images of 24 x 24 pixels",
        ),
        ({"batch_size": 65}, "`--batch_size`.*as many images as the pool, 50.*of 65"),
        (
            {"batch_size": 65, "gan": "pix2pix"},
            "`--batch_size` must not be larger than the 64 training.*Received: 65",
        ),
        ({"pipeline": "dali"}, "`--pipeline` must be one of tf, python.*: dali"),
        ({"max_steps": 0}, "`--max_steps` must be at least 1. Received: 0"),
        ({"image_size": 18}, "`--image_size` must be .*divisible by 4.*Received: 18"),
        ({"image_size": (16, 18)}, "`--image_size` must be .*16x16.*Received: 16x18"),
        ({"framing": "fit"}, "`--framing` must be one of squash, crop, pad.*: fit"),
        ({"channels": "3"}, "`--channels` must be two positive numbers.*: 3"),
        (
            {"channels": "4:3", "augmentation": "none"},
            "`--channels` must be 1 or 3 for these data.*: 4:3",
        ),
        (
            {"channels": "3:4", "vgg_weights": "random", "distillation": "perceptual"},
            "`--distillation` must name neither perceptual nor omgd.*: --channels=3:4",
        ),
        (
            {"channels": "3:4", "metric": "kid"},
            "`--metric` must be swd.*the network of kid.*: --channels=3:4",
        ),
        (
            {"channels": "1:3", "augmentation": "hue"},
            "`--augmentation` must be none.*: --channels=1:3",
        ),
        ({"patch_size": 5}, "`--patch_size` must divide .*Received: patch_size=5"),
        ({"contents": "row,diagonal"}, "`--contents` must name .*diagonal"),
        ({"data_dir": "/nowhere"}, "`--data_dir` must be .*Received: .*nowhere"),
        ({"vgg_weights": "/nowhere.h5"}, "`weights`.*nowhere.h5"),
        ({"metric": "psnr"}, "`--metric` must be fid, kid or swd .*Received: psnr"),
        ({"gan": "wgan"}, "`--gan` must be one of cycle_gan, pix2pix. Received: wgan"),
        ({"generator": "vit"}, "`--generator` must be one of .*unet. Received: vit"),
        ({"metric": "fld"}, "`--metric` must be one of fid, .*Received: fld"),
        (
            {"metric": "fid", "inception_weights": "/nowhere.pth"},
            "`weights` must be .*Received: weights=/nowhere.pth",
        ),
        (
            {"augmentation": "hue,blur"},
            "`--augmentation` must be .*color_jitter, .*cutout, .*Received: hue,blur",
        ),
        ({"reference_split": "valB"}, "`split` must be one of .*'valB'"),
        ({"distillation": "rows"}, "`--distillation` must be .*Received: rows"),
        (
            {"precision": "float16"},
            "`--precision` must be one of .*mixed_float16. Received: float16",
        ),
        (
            {"devices": 3},
            "`--batch_size` must be divisible .*Received: 16 for 3 devices",
        ),
        ({"devices": 8}, "`--devices` must be .*Received: devices=8"),
        ({"direction": "B"}, "`--direction` must be one of AtoB, BtoA. Received: B"),
        ({"schedule": "sometimes"}, "`--schedule` must be one of .*sometimes"),
        ({"resume": True}, "`--resume` needs an `--output_dir` that holds a run"),
        ({"dataset": "edges2fluent"}, "`--dataset=edges2fluent` needs `--gan=pix2pix`"),
    ],
)
def test_bad_settings_stop_before_training(tmp_path, changes, message):
    with pytest.raises(SystemExit, match=f"^horse2zebra: .*{message}") as error:
        run("horse2zebra", "quick", tiny(tmp_path / "run", **changes))
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "run").glob("*.json"))


@pytest.mark.any_backend
@pytest.mark.parametrize("dataset", ["unpaired_dataset", "paired_dataset"])
def test_the_pipeline_is_the_one_asked_for(tmp_path, monkeypatch, dataset):
    def stop(*arguments, pipeline, **others):
        raise ValueError(f"asked for {pipeline}")

    monkeypatch.setattr(data, dataset, stop)
    gan = "pix2pix" if dataset == "paired_dataset" else "cycle_gan"
    settings = tiny(tmp_path / "run", pipeline="python", gan=gan)
    with pytest.raises(SystemExit, match="asked for python"):
        run("horse2zebra", "quick", settings)


@pytest.mark.any_backend
def test_augmentation_without_keras_cv(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_cv", None)
    message = r"^horse2zebra: .*`pip install .crd_keras\[augmentation\]"
    with pytest.raises(SystemExit, match=message) as error:
        run("horse2zebra", "quick", tiny(tmp_path / "run", augmentation="hue"))
    assert "\n" not in str(error.value)


@pytest.mark.any_backend
@pytest.mark.parametrize("count", [64, 100])
def test_too_many_validation_images(tmp_path, count):
    settings = tiny(tmp_path, validation_images=count)
    message = f"^horse2zebra: `--validation_images` must be from 1 to 63.*: {count}$"
    with pytest.raises(SystemExit, match=message):
        run("horse2zebra", "quick", settings)


@pytest.mark.any_backend
def test_one_test_image_is_too_few(tmp_path, monkeypatch):
    one = functools.partial(data.sample_source, train=64, test=1)
    monkeypatch.setattr(data, "sample_source", one)
    message = "`--dataset` must have at least 2 translated test images for swd.*: 1$"
    with pytest.raises(SystemExit, match=message):
        run("horse2zebra", "quick", tiny(tmp_path / "run"))


@pytest.mark.any_backend
def test_numbers_that_are_no_longer_finite_stop_a_run(tmp_path, capsys):
    settings = tiny(tmp_path, learning_rate=1e30, distillation="none")
    with pytest.raises(SystemExit) as error:
        run("horse2zebra", "quick", settings)
    message = str(error.value)
    assert message.startswith(
        "horse2zebra: The training is no longer finite in epoch 1"
    )
    for part in ("--learning_rate", "loss nan", "teacher_cycle nan", "of the student"):
        assert part in message
    assert "\n" not in message
    # The evaluations were not reached, nor anything that writes.
    assert "swd" not in capsys.readouterr().out
    assert not list(tmp_path.rglob("*.h5")) and not list(tmp_path.rglob("*.keras"))


@pytest.mark.any_backend
class TestOutputFolder:
    def test_another_run_is_not_overwritten(self, tmp_path):
        (tmp_path / "run.json").write_text("{}")
        with pytest.raises(SystemExit, match="holds a run or other files.*Received"):
            run("horse2zebra", "quick", tiny(tmp_path))
        assert (tmp_path / "run.json").read_text() == "{}"

    def test_resume_with_other_settings(self, tmp_path):
        settings = dataclasses.asdict(tiny(tmp_path))
        (tmp_path / "run.json").write_text(json.dumps({"settings": settings}))
        with pytest.raises(SystemExit, match="other values of seed \\(0, now 1\\)"):
            run("horse2zebra", "quick", tiny(tmp_path, seed=1, resume=True))

    @pytest.mark.parametrize(
        ("file", "content"),
        [
            ("latest.weights.h5", b"without metadata"),
            ("training_metadata.json", b"nonsense"),
            ("epoch_0003_step_000000.json", b"{}"),
        ],
    )
    def test_checkpoint_that_is_not_whole(self, tmp_path, file, content):
        settings = dataclasses.asdict(tiny(tmp_path))
        (tmp_path / "run.json").write_text(json.dumps({"settings": settings}))
        (tmp_path / "checkpoint").mkdir()
        (tmp_path / "checkpoint" / file).write_bytes(content)
        with pytest.raises(SystemExit, match="No checkpoint in .* is whole") as error:
            run("horse2zebra", "quick", tiny(tmp_path, resume=True))
        assert "\n" not in str(error.value)

    def test_not_writable(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(SystemExit, match="`--output_dir` must be a folder that"):
            run("horse2zebra", "quick", tiny(tmp_path / "file" / "run"))
