import json

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import models
from crd_keras.commands import teach as tool
from crd_keras.interop import to_state_dict, write_state_dict
from crd_keras.models.seeds import SeededNormal
from crd_keras.utils.channels import with_channels
from tests import tiny
from tests.commands.test_translate import expected, load, names, picture, save

pytestmark = pytest.mark.any_backend

SIZES = {"a": (16, 20), "b": (13, 19)}


@pytest.fixture
def run(tmp_path):
    """The tool in a folder with pictures and a model."""
    tiny.generator(4, seed=0).save(tmp_path / "model.keras")
    for seed, (name, size) in enumerate(SIZES.items()):
        save(tmp_path / "photos" / f"{name}.bmp", picture(*size, seed))

    def run(*options, model="model.keras", images="photos", output="taught"):
        paths = {"model": model, "images": images, "output": output}
        arguments = [f"--{name}={tmp_path / path}" for name, path in paths.items()]
        tool.main([*arguments, *options])

    return run


def write_onnx(path, layout, dtype="float32", pixels=False, channels=3):
    """A file that inverts images: of [0, 1], or of 0-255 in uint8."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    size = [None, None]
    shape = [1, channels, *size] if layout == "NCHW" else [1, *size, channels]
    kinds = {"float32": onnx.TensorProto.FLOAT, "uint8": onnx.TensorProto.UINT8}
    white = np.array(255 if pixels else 1, dtype)
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Sub", ["white", "x"], ["y"])],
        "invert",
        [helper.make_tensor_value_info("x", kinds[dtype], shape)],
        [helper.make_tensor_value_info("y", kinds[dtype], shape)],
        [onnx.numpy_helper.from_array(white, "white")],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


def test_pictures_of_a_keras_model(run, tmp_path, capsys):
    run()
    taught = tmp_path / "taught"
    assert names(taught) == ["a.png", "b.png", "taught.json"]
    model = tiny.generator(4, seed=0)
    for seed, (name, size) in enumerate(SIZES.items()):
        pixels = expected(model, picture(*size, seed))
        np.testing.assert_array_equal(load(taught / f"{name}.png"), pixels)
    assert "2 made of 2 pictures" in capsys.readouterr().out
    assert json.loads((taught / "taught.json").read_text())["model"] == "model.keras"


def test_only_what_is_missing_is_made(run, tmp_path, capsys):
    run()
    before = load(tmp_path / "taught" / "b.png")
    (tmp_path / "taught" / "b.png").unlink()
    kept = tmp_path / "taught" / "a.png"
    kept.write_bytes(b"not looked at")
    run()
    assert "1 made of 2 pictures" in capsys.readouterr().out
    assert kept.read_bytes() == b"not looked at"
    np.testing.assert_array_equal(load(tmp_path / "taught" / "b.png"), before)
    run()
    assert "0 made of 2 pictures" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_a_pytorch_checkpoint(run, tmp_path, suffix):
    network = models.mobile_resnet_generator(filters=2, blocks=1, seed=0)
    write_state_dict(to_state_dict(network), tmp_path / f"net.{suffix}")
    run(model=f"net.{suffix}")
    result = load(tmp_path / "taught" / "a.png")
    np.testing.assert_array_equal(result, expected(network, picture(16, 20, 0)))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_an_onnx_file_of_any_program(run, tmp_path, layout):
    write_onnx(tmp_path / "unit.onnx", layout)
    run("--range=0:1", model="unit.onnx")
    write_onnx(tmp_path / "pixels.onnx", layout, "uint8", pixels=True)
    run(model="pixels.onnx", output="others")
    for folder in ("taught", "others"):
        for seed, (name, size) in enumerate(SIZES.items()):
            result = load(tmp_path / folder / f"{name}.png")
            np.testing.assert_array_equal(result, 255 - picture(*size, seed))
    write_onnx(tmp_path / "grey.onnx", layout, channels=1)
    run("--range=0:1", model="grey.onnx", output="grey")
    brightness = with_channels(picture(*SIZES["a"], 0), 1)[..., 0]
    result = load(tmp_path / "grey" / "a.png")
    np.testing.assert_array_equal(result, 255 - brightness)


def test_a_turned_picture_and_a_teacher_from_grey_to_colour(run, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # A quarter to the right makes it upright.
    save(tmp_path / "photos" / "a.png", picture(16, 20), exif=exif)
    (tmp_path / "photos" / "a.bmp").unlink()
    inputs = keras.Input((None, None, 1))
    negative = keras.layers.Rescaling(-1.0)(inputs)
    outputs = keras.layers.Concatenate()([inputs, negative, inputs])
    keras.Model(inputs, outputs).save(tmp_path / "colours.keras")
    run(model="colours.keras")
    grey = with_channels(np.rot90(picture(16, 20), -1), 1)
    wanted = np.concatenate([grey, 255 - grey, grey], axis=-1)
    np.testing.assert_array_equal(load(tmp_path / "taught" / "a.png"), wanted)


def test_a_keras_model_of_another_range(run, tmp_path):
    convolution = keras.layers.Conv2D(3, 1, kernel_initializer=SeededNormal(0.3, 1))
    model = keras.Sequential(
        [keras.Input((None, None, 3)), convolution, keras.layers.ReLU(max_value=255)]
    )
    model.save(tmp_path / "pixels.keras")
    run("--range=0:255", model="pixels.keras")
    kernel = convolution.get_weights()[0][0, 0].astype("float64")
    wanted = np.clip(picture(16, 20, 0) @ kernel, 0, 255)
    difference = np.abs(load(tmp_path / "taught" / "a.png") - wanted)
    assert difference.max() < 0.51


def test_bad_input_is_refused_in_one_line(run, tmp_path):
    def refused(message, *options, **paths):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(SystemExit, match=f"^teach: .*{message}") as caught:
            run(*options, **paths)
        assert "\n" not in str(caught.value)
        assert sorted(tmp_path.rglob("*")) == before

    refused("`--model` must end with one of .keras, .onnx, .pth", model="teacher.h5")
    refused("`--model` must be a file", model="nowhere.onnx")
    (tmp_path / "broken.pth").write_bytes(b"broken")
    refused("`--model` .*broken.pth", model="broken.pth")
    (tmp_path / "broken.keras").write_bytes(b"broken")
    refused("broken.keras cannot be loaded", model="broken.keras")
    discriminator = models.patch_discriminator(filters=2, layers=1, seed=0)
    write_state_dict(to_state_dict(discriminator), tmp_path / "other.pth")
    refused("`--model` must give images as large as it takes", model="other.pth")
    inputs = keras.Input((None, None, 3))
    six = keras.Model(inputs, keras.layers.Concatenate()([inputs, inputs]))
    six.save(tmp_path / "six.keras")
    refused("`--model` must give grey or colour images. .* 6.$", model="six.keras")
    refused("`--images` must be a folder", images="nowhere")
    refused("`--output` must be another than --images", output="photos")
    refused("`--multiple` must be at least 1. Received: 0", "--multiple=0")
    fixed = keras.Sequential([keras.Input((16, 24, 3)), keras.layers.ReLU()])
    fixed.save(tmp_path / "fixed.keras")
    (tmp_path / "photos" / "a.bmp").rename(tmp_path / "photos" / "c.bmp")
    refused(
        "b.bmp cannot be translated: .* only size .*16x24.* 13x19", model="fixed.keras"
    )
    loud = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Rescaling(9.0)])
    loud.save(tmp_path / "loud.keras")
    refused("`--range` must be that of the model's images", model="loud.keras")
    save(tmp_path / "photos" / "b.png", picture(8, 8))
    refused("`--images` has two pictures that would become .*b.png")
    (tmp_path / "photos" / "b.png").write_bytes(b"broken")
    (tmp_path / "photos" / "b.bmp").unlink()
    refused(r"`--images` has 1 corrupt image\(s\), .*b.png")
    save(tmp_path / "mine" / "a.png", picture(8, 8))
    refused("`--output` must be new, or what this command has made", output="mine")
    run("--on_corrupt=skip")
    assert names(tmp_path / "taught") == ["c.png", "taught.json"]
    refused("`--output` has pictures that were made in another way", "--range=0:1")
    (tmp_path / "taught" / "taught.json").write_text("{")
    refused("`--output` has a taught.json that is none")


def test_onnx_files_that_do_not_fit(run, tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "broken.onnx").write_bytes(b"broken")
    with pytest.raises(SystemExit, match="`--model` cannot be loaded: .*broken.onnx$"):
        run(model="broken.onnx")
