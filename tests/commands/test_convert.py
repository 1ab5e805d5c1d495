"""The tool. What it converts is tested in tests/interop/test_network.py."""

import os
import shutil

import keras
import numpy as np
import pytest
import torch

from crd_keras import models
from crd_keras.commands import convert as tool
from tests import tiny

pytestmark = pytest.mark.any_backend


@pytest.fixture
def run(tmp_path):
    def run(source, output, *options):
        paths = (f"--input={tmp_path / source}", f"--output={tmp_path / output}")
        tool.main([*paths, *options])

    return run


def discriminator():
    return models.patch_discriminator(filters=2, layers=1, norm="batch", seed=0)


def test_there_and_back(run, tmp_path, capsys):
    model = discriminator()
    model.save(tmp_path / "net.keras")
    run("net.keras", "net.pth")
    described = "patchgan (filters 2, layers 1, input channels 3, norm batch), 307 numb"
    assert f"net.pth: {described}ers\n" in capsys.readouterr().out
    state = torch.load(tmp_path / "net.pth", weights_only=True)
    state = {name: tensor.double() for name, tensor in state.items()}
    state["model.3.num_batches_tracked"] = torch.tensor(5)
    torch.save(state, tmp_path / "old.pt")
    run("old.pt", "back.keras", "--architecture=patchgan")
    output = capsys.readouterr().out
    assert "left out, which Keras has not (model.3.num_batches_tracked)" in output
    assert "9 arrays converted to float32 (model.0.weight, " in output
    back = keras.saving.load_model(tmp_path / "back.keras")
    for received, expected in zip(back.weights, model.weights, strict=True):
        np.testing.assert_array_equal(received.numpy(), expected.numpy())


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    discriminator().save(folder / "net.keras")
    tiny.generator(4, seed=0).save(folder / "other.keras")
    torch.save({"epoch": 3}, folder / "no_state.pth")
    torch.save({f"a.{i}": torch.ones(1) for i in range(6)}, folder / "other.pth")
    return folder


class TestRefused:
    @pytest.fixture(autouse=True)
    def copies(self, files, tmp_path):
        shutil.copytree(files, tmp_path, dirs_exist_ok=True)

    @pytest.mark.parametrize(
        ("source", "output", "message"),
        [
            ("net.h5", "net.pth", "`--input` must end with .keras or one of .pth"),
            ("net.keras", "b.keras", "`--output` must end with .pth, .pt, .safeten"),
            ("other.pth", "b.pth", "`--output` must end with .keras for this"),
            ("net.keras", "other.pth", "`--output` must not exist; pass --overwrite"),
            ("net.keras", "absent/b.pth", "`--output` must be in a folder that exi"),
            ("absent.pth", "b.keras", "`--input` must be an existing file"),
            ("absent.keras", "b.pth", "there is no model file"),
            ("no_state.pth", "b.keras", "`--input` must .*with 'epoch': int"),
            ("other.pth", "b.keras", r"6 arrays \((a.\d, ){5}\.\.\.\)"),
            ("other.keras", "b.pth", "`--input` must be one of resnet, .*4 arrays of"),
        ],
    )
    def test_in_one_line(self, run, tmp_path, source, output, message):
        before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        with pytest.raises(SystemExit, match=f"^convert_torch: .*{message}") as error:
            run(source, output)
        assert "\n" not in str(error.value)
        assert before == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    @pytest.mark.parametrize(
        ("source", "output"), [("net.keras", "b.pth"), ("good.pth", "b.keras")]
    )
    def test_writing_fails(self, run, tmp_path, monkeypatch, source, output):
        run("net.keras", "good.pth")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(SystemExit, match="No space left on device"):
            run(source, output)
        assert not [path for path in tmp_path.iterdir() if "b." in path.name]

    def test_overwrite(self, run, tmp_path):
        run("net.keras", "other.pth", "--overwrite")
        assert "model.0.weight" in torch.load(tmp_path / "other.pth")
