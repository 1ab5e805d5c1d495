import gc
import os
import pathlib

import imageio.v3 as iio
import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import models, translate
from crd_keras.commands import translate as tool
from crd_keras.commands.translation import image_files, video
from crd_keras.data.pixels import read_pixels
from crd_keras.inference import translate_any_size
from crd_keras.utils.full_disk import DiskFullError
from crd_keras.utils.images import from_levels, levels
from tests import tiny
from tests.no_space import limited_file_size
from tests.utils.test_pictures import write_bomb


@pytest.fixture(scope="module")
def model():
    return tiny.generator(4, seed=0)


@pytest.fixture
def run(model, tmp_path):
    """The tool in a folder with a model and nothing else."""
    path = tmp_path / "model.keras"
    model.save(path)

    def run(source, output, *options, model=path):
        paths = (f"--input={tmp_path / source}", f"--output={tmp_path / output}")
        tool.main([f"--model={model}", *paths, *options])

    return run


def picture(height, width, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def save(path, pixels, **options):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def load(path):
    return np.asarray(Image.open(path))


def expected(model, pixels):
    images = (pixels[None] / 127.5 - 1).astype("float32")
    fits = not (pixels.shape[0] % 4 or pixels.shape[1] % 4)
    translated = (translate if fits else translate_any_size)(model, images)[0]
    return np.rint(np.clip(translated, -1, 1) * 127.5 + 127.5)


def on_white(rgb, alpha):
    seen = alpha[..., None] / 255
    return np.rint(rgb * seen + 255 * (1 - seen)).astype("uint8")


def names(folder):
    return sorted(path.name for path in pathlib.Path(folder).iterdir())


@pytest.mark.parametrize("size", [(16, 20), (13, 19)])
def test_one_image(run, model, tmp_path, size):
    save(tmp_path / "horse.png", picture(*size))
    run("horse.png", "zebra.png")
    result = load(tmp_path / "zebra.png")
    np.testing.assert_array_equal(result, expected(model, picture(*size)))
    run("horse.png", "new/folder")
    np.testing.assert_array_equal(load(tmp_path / "new/folder/horse.png"), result)
    run("horse.png", "zebra.bmp")
    np.testing.assert_array_equal(load(tmp_path / "zebra.bmp"), result)
    run("horse.png", "zebra.jpg")
    assert load(tmp_path / "zebra.jpg").shape == (*size, 3)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_folder(run, model, tmp_path, capfd, batch_size):
    sizes = {"a": (16, 16), "b": (16, 16), "c": (16, 16), "d": (9, 14), "e": (16, 16)}
    for seed, (name, size) in enumerate(sizes.items()):
        save(tmp_path / "in" / f"{name}.png", picture(*size, seed))
    (tmp_path / "in" / "notes.txt").write_text("no image")
    (tmp_path / "in" / "more.png").mkdir()
    run("in", "out", f"--batch_size={batch_size}")
    assert names(tmp_path / "out") == [f"{name}.png" for name in sizes]
    for seed, (name, size) in enumerate(sizes.items()):
        result = load(tmp_path / "out" / f"{name}.png").astype("float32")
        difference = np.abs(result - expected(model, picture(*size, seed)))
        assert difference.max() <= (batch_size > 1)
    assert "5/5" in capfd.readouterr().err
    run("in", "jpeg", "--format=jpg")
    assert names(tmp_path / "jpeg") == [f"{name}.jpg" for name in sizes]


@pytest.mark.any_backend
def test_every_kind_of_picture_becomes_upright_rgb(run, model, tmp_path):
    rgb = picture(12, 20)
    grey, folder = rgb[..., 0], tmp_path / "in"
    rotated = Image.Exif()
    rotated[0x0112] = 6  # to be turned clockwise by 90 degrees
    save(folder / "rotated.png", np.rot90(rgb), exif=rotated)
    save(folder / "alpha.png", np.dstack([rgb, grey]))
    save(folder / "grey.png", grey)
    save(folder / "grey16.png", grey.astype("uint16") * 257)
    save(folder / "grey_alpha.png", np.dstack([grey, grey]))
    Image.fromarray(grey > 127).save(folder / "bits.png")
    palette = Image.fromarray(rgb).quantize(16)
    palette.save(folder / "palette.bmp")
    run("in", "out")
    cases = {
        "rotated": rgb,
        "alpha": on_white(rgb, grey),
        "grey": np.dstack([grey] * 3),
        "grey16": np.dstack([grey] * 3),
        "grey_alpha": on_white(np.dstack([grey] * 3), grey),
        "bits": np.dstack([np.where(grey > 127, 255, 0)] * 3),
        "palette": np.asarray(palette.convert("RGB")),
    }
    for name, pixels in cases.items():
        # What has 16 bits comes out with as many.
        result = read_pixels(tmp_path / "out" / f"{name}.png")
        assert (result.dtype == np.uint16) == (name == "grey16")
        result = from_levels(levels(result), "uint8")
        np.testing.assert_array_equal(result, expected(model, pixels), name)


def test_unet_of_a_size_that_it_does_not_halve(run, tmp_path):
    unet = models.unet_generator(filters=1, downs=4, seed=0)
    unet.save(tmp_path / "unet.keras")
    save(tmp_path / "a.png", picture(20, 30))
    run("a.png", "b.png", model=tmp_path / "unet.keras")
    images = (picture(20, 30)[None] / 127.5 - 1).astype("float32")
    result = translate_any_size(unet, images, multiple=16)[0]
    grey = np.rint(np.clip(result, -1, 1) * 127.5 + 127.5)
    np.testing.assert_array_equal(load(tmp_path / "b.png"), grey)
    with pytest.raises(SystemExit, match="`--multiple` must .*as 16 is. Received: 4$"):
        run("a.png", "c.png", "--multiple=4", model=tmp_path / "unet.keras")


@pytest.mark.any_backend
def test_tiles(run, model, tmp_path, monkeypatch):
    save(tmp_path / "a.png", picture(30, 23))
    wanted = expected(model, picture(30, 23))
    run("a.png", "tiled.png", "--tile=4")
    # Where there is too little memory for a tensor of the picture.
    monkeypatch.setattr(tool, "_LARGEST_BYTES", 4 * 15 * 11)
    run("a.png", "automatic.png")
    for name in ("tiled.png", "automatic.png"):
        difference = np.abs(load(tmp_path / name) - wanted)
        assert difference.max() <= 1, name
    before = names(tmp_path)
    with pytest.raises(SystemExit, match="`--tile` must be at least 0. Received: -1$"):
        run("a.png", "b.png", "--tile=-1")
    pooled = keras.Sequential(
        [keras.Input((None, None, 3)), keras.layers.MaxPooling2D(1, name="pool")]
    )
    pooled.save(tmp_path / "pooled.keras")
    message = r"`--tile`: `--model` must .*layer pool \(MaxPooling2D\)$"
    with pytest.raises(SystemExit, match=message) as caught:
        run("a.png", "b.png", "--tile=4", model=tmp_path / "pooled.keras")
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == sorted([*before, "pooled.keras"])
    run("a.png", "b.png", model=tmp_path / "pooled.keras")
    np.testing.assert_array_equal(load(tmp_path / "b.png"), picture(30, 23))


@pytest.mark.any_backend
@pytest.mark.parametrize("size, extension", [((15, 21), "mp4"), ((16, 24), "webm")])
def test_video(run, model, tmp_path, size, extension, monkeypatch):
    # imageio collects garbage with each file, which takes seconds beside all that
    # earlier tests have left.
    monkeypatch.setattr(gc, "collect", lambda *_: 0)
    # Of one colour each, which compression keeps.
    colours = np.linspace(40, 200, 15).reshape(5, 1, 1, 3).astype("uint8")
    frames = np.broadcast_to(colours, (5, *size, 3))
    source = tmp_path / "in.mkv"
    iio.imwrite(
        source,
        frames,
        plugin="pyav",
        codec="ffv1",
        fps=29.97,
        out_pixel_format="bgr0",
    )
    run("in.mkv", f"out.{extension}", "--batch_size=2")
    assert names(tmp_path) == ["in.mkv", "model.keras", f"out.{extension}"]
    result = iio.imread(tmp_path / f"out.{extension}", plugin="pyav")
    assert result.shape == frames.shape
    for frame, translated in zip(frames, result, strict=True):
        mean_error = np.abs(translated - expected(model, frame)).mean()
        assert mean_error < 12  # lossy compression of a small, rough picture
    metadata = iio.immeta(tmp_path / f"out.{extension}", plugin="pyav")
    assert metadata["fps"] == pytest.approx(29.97, abs=0.04)


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ["out.png", "out.mp4"])
def test_a_full_disk(tmp_path, capfd, name):
    frames = [picture(64, 64, seed) for seed in range(20)]
    with limited_file_size(3000), pytest.raises(DiskFullError, match=f"{name} takes "):
        if name == "out.png":
            image_files.write(tmp_path / name, frames[0])
        else:
            video.write(tmp_path / name, frames, frame_rate=10)
    gc.collect()
    assert "Traceback" not in capfd.readouterr().err
    assert names(tmp_path) == []


@pytest.mark.any_backend
def test_files_are_not_overwritten_unless_asked(run, tmp_path):
    for name in ("a", "b"):
        save(tmp_path / "in" / f"{name}.png", picture(8, 8))
    save(tmp_path / "out" / "b.png", picture(8, 8, seed=1))
    before = load(tmp_path / "out" / "b.png")
    with pytest.raises(SystemExit, match="1 of the files .*b.png; pass --overwrite"):
        run("in", "out")
    assert names(tmp_path / "out") == ["b.png"]
    np.testing.assert_array_equal(load(tmp_path / "out" / "b.png"), before)
    run("in", "out", "--overwrite")
    assert names(tmp_path / "out") == ["a.png", "b.png"]
    assert (load(tmp_path / "out" / "b.png") != before).any()
    with pytest.raises(SystemExit, match="must not be the input itself"):
        run("in", "in", "--overwrite")
    save(tmp_path / "in" / "a.jpg", picture(8, 8))
    with pytest.raises(SystemExit, match="two images that would become .*a.png"):
        run("in", "new")


@pytest.mark.any_backend
def test_corrupt_images(run, tmp_path, capfd):
    save(tmp_path / "in" / "good.png", picture(8, 8))
    save(tmp_path / "in" / "bad.jpg", picture(64, 64))
    content = (tmp_path / "in" / "bad.jpg").read_bytes()
    (tmp_path / "in" / "bad.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(SystemExit, match=r"1 corrupt image.*bad\.jpg \(.*truncated"):
        run("in", "out")
    assert not (tmp_path / "out").exists()
    run("in", "out", "--on_corrupt=skip")
    assert names(tmp_path / "out") == ["good.png"]
    assert "Skipping the corrupt image" in capfd.readouterr().err
    with pytest.raises(SystemExit, match="no image that can be read"):
        run("in/bad.jpg", "out.png", "--on_corrupt=skip")


@pytest.mark.any_backend
def test_names_that_are_not_utf8(run, tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    save(tmp_path / "in" / name, picture(8, 8))
    run("in", "out")
    assert names(tmp_path / "out") == [name]


@pytest.mark.any_backend
def test_bad_input_is_refused_in_one_line(run, tmp_path):
    save(tmp_path / "a.png", picture(8, 8))
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.keras").write_bytes(b"broken")
    (tmp_path / "broken.mp4").write_bytes(b"broken")
    (tmp_path / "a.gif").write_bytes(b"gif")
    write_bomb(tmp_path / "bomb.png")
    classifier = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    classifier.save(tmp_path / "classifier.keras")
    cases = [
        ("a.png", "b.png", tmp_path / "none.keras", "no model file .*none.keras"),
        ("a.png", "b.png", tmp_path / "a.png", r"must end with \.keras"),
        ("a.png", "b.png", tmp_path / "broken.keras", "broken.keras cannot be loaded"),
        ("a.png", "b.png", tmp_path / "classifier.keras", "must make images of images"),
        ("none.png", "b.png", None, "`--input` must exist"),
        ("empty", "out", None, "`--input` needs images"),
        ("a.gif", "b.png", None, "`--input` must be a folder or end with one of"),
        ("a.png", "b.gif", None, "`--output` must be a folder or end with one of"),
        ("empty", "b.png", None, "`--output` must be a folder"),
        ("broken.mp4", "b.png", None, "`--output` must end with one of .mp4"),
        ("broken.mp4", "b.mp4", None, "broken.mp4 cannot be read"),
        ("a.png", "a.gif/b.png", None, "`--output` must be a folder, and it is a "),
        ("bomb.png", "b.png", None, r"bomb.png \(more than 178,956,970 pixels\)"),
    ]
    before = names(tmp_path)
    for source, output, model, message in cases:
        options = {"model": model} if model else {}
        with pytest.raises(SystemExit, match=f"^translate: .*{message}") as caught:
            run(source, output, **options)
        assert "\n" not in str(caught.value), message
    with pytest.raises(SystemExit, match="`--batch_size` .* Received: 0"):
        run("a.png", "b.png", "--batch_size=0")
    assert names(tmp_path) == before
