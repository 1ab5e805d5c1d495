import os
import pathlib

import keras
import pytest

from crd_keras.commands import web as tool
from crd_keras.export.web import npm_package
from crd_keras.utils import npm
from tests import tiny


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.keras"
    tiny.generator(4, seed=0).save(path)
    return path


def refused(*arguments):
    with pytest.raises(SystemExit) as error:
        tool.main([*map(str, arguments)])
    assert "\n" not in str(error.value)
    return str(error.value)


def test_folder_with_other_files_is_refused(model, tmp_path):
    message = refused(f"--model={model}", f"--output_dir={tmp_path}")
    assert message == (
        "export_web: `--output_dir` must be new, empty or an earlier export. "
        f"Received: {tmp_path}, which has other files, the first is model.keras"
    )
    message = refused(f"--model={model}", f"--output_dir={model}")
    assert "`--output_dir` must be a folder" in message


def test_what_looks_like_an_export_is_not_replaced(model, tmp_path):
    """Somebody's page, with files of the same names."""
    out = tmp_path / "page"
    (out / "runtime").mkdir(parents=True)
    for name in ("index.html", "style.css", "runtime/mine.js"):
        (out / name).write_text("mine")
    package = tmp_path / "none.tgz"
    message = refused(
        f"--model={model}", f"--output_dir={out}", f"--runtime_package={package}"
    )
    assert message == (
        "export_web: `--output_dir` must be new, empty or an earlier export. "
        f"Received: {out}, which has other files, the first is index.html"
    )
    assert (out / "runtime" / "mine.js").read_text() == "mine"


def test_wrong_package_leaves_nothing(model, tmp_path):
    package = tmp_path / "other.tgz"
    package.write_bytes(b"other")
    out = tmp_path / "out"
    message = refused(
        f"--model={model}", f"--output_dir={out}/web", f"--runtime_package={package}"
    )
    assert "onnxruntime-web" in message and message.endswith(
        "other.tgz with another one"
    )
    assert os.listdir(out) == []


def test_without_npm_errors_advise_argument_or_flag(model, tmp_path, monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="not installed; pass `package` if"):
        npm_package.unpack_runtime(tmp_path)
    message = refused(f"--model={model}", f"--output_dir={tmp_path / 'web'}")
    assert message.endswith(
        "not installed; pass `--runtime_package` if you have its .tgz file"
    )


def test_wrong_arguments(model, tmp_path):
    out = f"--output_dir={tmp_path / 'web'}"
    assert "student.keras" in refused(f"--model={tmp_path}", out)
    message = refused(f"--model={model}", out, "--image_size=0")
    assert "`--image_size` must be a positive number, or height and" in message
    discriminator = pathlib.Path(tmp_path / "discriminator.keras")
    keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)]).save(discriminator)
    assert "must take images" in refused(f"--model={discriminator}", out)
    (tmp_path / "no.png").write_text("text")
    message = refused(f"--model={model}", out, f"--sample={tmp_path / 'no.png'}")
    reason = "not a JPEG, PNG, BMP, GIF, WebP or TIFF"
    assert f"`--sample` must be a picture ({reason})" in message
    message = refused(f"--model={model}", out, f"--runtime_package={tmp_path}/none.tgz")
    assert "`--runtime_package` must be a file, onnxruntime-web 1." in message
    assert message.endswith(f"Received: {tmp_path}/none.tgz")
    message = refused(f"--model={model}", f"--output_dir={model / 'web'}")
    assert f"`--output_dir` must be a folder, and {model} is a file" in message
    assert not (tmp_path / "web").exists()
