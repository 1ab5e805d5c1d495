"""The evaluation tool on small folders; the features are fake."""

import json
import warnings

import numpy as np
import pytest
from PIL import Image

from crd_keras import models
from crd_keras.commands import evaluate
from crd_keras.commands.evaluate import main
from crd_keras.inference import translate
from crd_keras.metrics import PSNR, FrechetInceptionDistance, SlicedWasserstein, lookup
from tests import tiny
from tests.metrics.fake_features import FakeFeatures
from tests.utils.test_pictures import write_bomb

pytestmark = [pytest.mark.any_backend, pytest.mark.usefixtures("described_here")]

SIZE = 16


@pytest.fixture(autouse=True)
def fake_features(monkeypatch):
    monkeypatch.setattr(lookup, "InceptionFeatures", lambda weights: FakeFeatures(4))


def write(folder, count, seed, size=SIZE):
    """Writes PNGs and returns them as they are read, in [-1, 1]."""
    folder.mkdir()
    images = np.random.default_rng(seed).integers(0, 256, (count, size, size, 3))
    for index, image in enumerate(images.astype("uint8")):
        Image.fromarray(image).save(folder / f"{index:02}.png")
    return (images / 127.5 - 1).astype("float32")


@pytest.fixture
def folders(tmp_path):
    images = write(tmp_path / "images", 12, seed=0)
    reference = write(tmp_path / "reference", 12, seed=1)
    arguments = [f"--{name}={tmp_path / name}" for name in ("images", "reference")]
    return images, reference, arguments


def test_features_of_another_network(folders, monkeypatch, capsys):
    fake = FakeFeatures(4, label="features of EfficientNet-Lite0")
    monkeypatch.setattr(lookup, "EfficientNetLiteFeatures", lambda: fake)
    main([*folders[2], "--metrics=kid", "--metric_features=efficientnet_lite"])
    assert (
        "KID: features of EfficientNet-Lite0, 12 generated" in capsys.readouterr().out
    )


def test_numbers_protocol_and_json(folders, tmp_path, capsys):
    images, reference, arguments = folders
    path = tmp_path / "results.json"
    main([*arguments, "--metrics=fid,kid,swd,psnr", f"--json={path}"])
    written = json.loads(path.read_text())
    swd, psnr = SlicedWasserstein(), PSNR()
    expected = {
        "swd": swd.evaluate([images], [reference]),
        "psnr": psnr.evaluate([images], [reference]),
    }
    for name, value in expected.items():
        assert written["results"][name] == pytest.approx(value, rel=1e-5)
    assert list(written["results"]) == ["fid", "kid", "kid_std", "swd", "psnr"] + [
        "psnr_std"
    ]
    output = capsys.readouterr().out
    for line in ("fake features", "Generated: ", "Reference: ", "12 generated against"):
        assert line in output and line in "\n".join(written["protocol"])


def test_a_models_images(folders, tmp_path):
    images, reference, arguments = folders
    model = tiny.generator(4, seed=0)
    model.save(tmp_path / "model.keras")
    path = tmp_path / "results.json"
    main(
        [
            *arguments,
            f"--model={tmp_path / 'model.keras'}",
            "--metrics=psnr",
            f"--json={path}",
        ]
    )
    expected = PSNR().evaluate([translate(model, images)], [reference])
    received = json.loads(path.read_text())["results"]["psnr"]
    assert received == pytest.approx(expected, rel=1e-4)


def test_statistics_of_a_folder(folders, tmp_path):
    images, reference, arguments = folders
    statistics = tmp_path / "reference.npz"
    main([arguments[1], f"--save_statistics={statistics}"])
    main(
        [
            arguments[0],
            f"--reference={statistics}",
            "--metrics=fid",
            f"--json={tmp_path / 'results.json'}",
        ]
    )
    metric = FrechetInceptionDistance(FakeFeatures(4))
    expected = metric.evaluate([images], [reference])
    received = json.loads((tmp_path / "results.json").read_text())["results"]["fid"]
    assert received == pytest.approx(expected, rel=1e-6)
    with np.load(statistics) as file:
        assert file["mu"].shape == (4,) and file["sigma"].shape == (4, 4)
    with pytest.raises(SystemExit, match="`--metrics` must be fid .*swd needs"):
        main([arguments[0], f"--reference={statistics}", "--metrics=swd"])


def test_sizes_are_mixed_unless_resized(folders, tmp_path):
    _, _, arguments = folders
    other = np.zeros((20, 24, 3), "uint8")
    Image.fromarray(other).save(tmp_path / "images" / "20.png")
    with pytest.raises(SystemExit, match="one size, or pass --image_size.*24x20"):
        main([*arguments, "--metrics=swd"])
    main([*arguments, "--metrics=swd", "--image_size=16"])


def test_pairs_are_told_by_their_names(folders, tmp_path):
    _, _, arguments = folders
    (tmp_path / "images" / "03.png").rename(tmp_path / "images" / "33.png")
    with pytest.raises(SystemExit, match="same names.* without a partner: 03, 33"):
        main([*arguments, "--metrics=psnr"])


@pytest.mark.parametrize(
    "changes, message",
    [
        (["--metrics=fld"], "`name` must be one of .*Received: fld"),
        (["--images=/nowhere"], "`--images` must be a folder .*nowhere"),
        (["--reference=/nowhere"], "`--reference` must be a folder .*nowhere"),
        (["--reference=tfds:mnist"], "`--reference` must be tfds:NAME:SPLIT"),
        (["--reference=nowhere.npz", "--metrics=fid"], "nowhere.npz"),
        (["--model=/nowhere.keras"], "no model file /nowhere.keras"),
        (["--image_size=10"], "`image_size` must be .*Received: 10"),
        (["--json=/nowhere/x.json"], "`--json` must be in a folder that exists"),
        (["--json=model.keras"], "`--json` must end with .json"),
        (["--save_statistics=x.json"], "`--save_statistics` must end with .npz"),
        (["--save_statistics=/no/x.npz"], "`--save_statistics` must be in a folder"),
    ],
)
def test_bad_arguments_in_one_line(folders, changes, message, monkeypatch):
    _, _, arguments = folders
    if "--json" in changes[0] or "--save_statistics" in changes[0]:
        # Before the work, and not after it.
        monkeypatch.setattr(evaluate, "folder_images", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(SystemExit, match=f"^evaluate: .*{message}") as error:
            main([*arguments, *changes])
    assert "\n" not in str(error.value)


def test_picture_beyond_the_limit(folders, tmp_path):
    _, _, arguments = folders
    write_bomb(tmp_path / "images" / "bomb.png")
    message = r"^evaluate: `--images`: .*bomb\.png \(more than 178,956,970 pixels\)"
    with pytest.raises(SystemExit, match=message):
        main([*arguments, "--metrics=swd"])


def test_unet_of_a_size_that_it_does_not_halve(folders, tmp_path, capsys):
    _, _, arguments = folders
    models.unet_generator(filters=1, downs=5, seed=0).save(tmp_path / "unet.keras")
    main([*arguments, "--metrics=mae", f"--model={tmp_path / 'unet.keras'}"])
    assert "mae " in capsys.readouterr().out
