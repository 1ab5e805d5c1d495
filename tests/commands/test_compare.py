"""`crd compare` on folders of runs with networks that were never trained."""

import dataclasses
import functools
import json

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import data
from crd_keras.commands import compare
from crd_keras.data import evaluation_images
from crd_keras.experiment.networks import make_generator
from crd_keras.inference import translate
from crd_keras.metrics import KernelInceptionDistance, PairedMAE, get_metric
from crd_keras.utils.images import to_uint8
from tests import small_run

pytestmark = pytest.mark.any_backend


class MeanColours:
    """The mean of each colour in each quarter, in place of a network's features."""

    size = 12
    label = "mean colours"

    def __call__(self, images):
        count, height, width, _ = images.shape
        quarters = images.reshape(count, 2, height // 2, 2, width // 2, 3)
        return quarters.mean(axis=(2, 4)).reshape(count, 12)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    sample = functools.partial(data.sample_source, train=4, test=6)
    monkeypatch.setattr(data, "sample_source", sample)
    monkeypatch.setattr(compare, "EfficientNetLiteFeatures", MeanColours)


def write_run(folder, seed, **students):
    settings = dataclasses.replace(
        small_run.SETTINGS, seed=seed, output_dir=str(folder), students="s.toml"
    )
    (folder / "students").mkdir(parents=True)
    record = {"settings": dataclasses.asdict(settings)}
    (folder / "run.json").write_text(json.dumps(record))
    make_generator(settings, 4, seed).save(folder / "teacher.keras")
    for name, filters in students.items():
        network = make_generator(settings, filters, seed)
        network.save(folder / "students" / f"{name}.keras")
    rows = ["untranslated input", "teacher", *students]
    results = {"metrics": dict.fromkeys(rows)}
    (folder / "results.json").write_text(json.dumps(results))
    return str(folder)


def test_scores_of_each_seed_and_their_summary(tmp_path, capsys):
    runs = [write_run(tmp_path / f"run{s}", s, crd=2, pixels=3) for s in (0, 1)]
    own = [write_run(tmp_path / f"own{s}", s) for s in (0, 1)]
    output = tmp_path / "results"
    command = ["--with=crd", f"--output={output}", "--rows=3"]
    compare.main([*runs, f"--own_gan={','.join(own)}", *command])
    scores = json.loads((output / "seed1.json").read_text())
    names = ["input", "teacher", "crd", "pixels", "no distillation"]
    assert list(scores["networks"]) == names
    assert scores["settings"]["image_size"] == 16
    assert str(tmp_path) not in (output / "seed1.json").read_text()

    source = data.sample_source(image_size=16)
    test, truth = (
        evaluation_images(images, 16)
        for images in (source.split("testA"), source.targets)
    )
    network = keras.saving.load_model(tmp_path / "run1" / "students" / "pixels.keras")
    images = translate(network, test)
    found = {k: v["value"] for k, v in scores["networks"]["pixels"].items()}
    mae = PairedMAE().scores(to_uint8(images), to_uint8(truth)).mean()
    assert found["mae"] == pytest.approx(mae, rel=1e-4)
    kid = KernelInceptionDistance(MeanColours())
    reference = evaluation_images(source.split("testB"), 16)
    assert found["kid"] == pytest.approx(kid.evaluate([images], [reference]), rel=1e-4)
    assert found["swd"] == pytest.approx(
        get_metric("swd").evaluate([images], [reference]), rel=1e-4
    )
    colours = MeanColours()
    distance = np.linalg.norm(colours(images) - colours(truth), axis=1) / np.sqrt(12)
    assert found["feature distance"] == pytest.approx(distance.mean(), rel=1e-4)

    summary = json.loads((output / "comparison.json").read_text())
    assert summary["seeds"] == [0, 1] and list(summary["networks"]) == names
    text = (output / "comparison.md").read_text()
    assert text in capsys.readouterr().out
    with Image.open(output / "comparison.png") as picture:
        # Six columns, the true picture's too, and three rows.
        assert picture.size == (4 + 6 * 132, 26 + 3 * 132)

    # Scored once; a further seed is added to what is there.
    before = (output / "seed0.json").stat().st_mtime_ns
    third = write_run(tmp_path / "run2", 2, crd=2, pixels=3)
    compare.main([third, f"--own_gan={write_run(tmp_path / 'own2', 2)}", *command])
    assert (output / "seed0.json").stat().st_mtime_ns == before
    summary = json.loads((output / "comparison.json").read_text())
    assert summary["seeds"] == [0, 1, 2]
    with pytest.raises(SystemExit, match="`--with` must be one of input, teacher, crd"):
        compare.main(["--with=omgd", f"--output={output}"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "absent"),
        (["run", "--own_gan=a,b"], "`--own_gan` must name a run for each.* 2 for 1"),
        (["run", "--own_gan=other"], "same seed and data. Received: other of seed 5"),
        ([], "`--output` must hold scores, or runs must be given"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "run", 0, crd=2)
    write_run(tmp_path / "other", 5)
    with pytest.raises(SystemExit, match=message):
        compare.main([*arguments, "--with=crd", "--output=out"])
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_not_finished(tmp_path):
    run = write_run(tmp_path / "run", 0, crd=2)
    (tmp_path / "run" / "results.json").unlink()
    with pytest.raises(SystemExit, match="must hold a finished run"):
        compare.main([run, "--with=crd", f"--output={tmp_path / 'out'}"])
