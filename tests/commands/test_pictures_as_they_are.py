"""A student of 96x160 pixels, cropped, from grey to colour: from training to page."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import translate
from crd_keras.commands import evaluate, export, web
from crd_keras.commands import translate as translating
from crd_keras.data.framing import frame_array
from crd_keras.experiment.run import run
from crd_keras.export.metadata import read_metadata
from crd_keras.models import (
    PictureRecord,
    read_picture_record,
    write_picture_record,
)
from crd_keras.utils.channels import with_channels
from crd_keras.utils.framing import FRAMINGS, place_picture
from tests import small_run, tiny
from tests.data.image_folders import random_image
from tests.export import chromium, web_page

SIZE = (96, 160)
RECORD = PictureRecord(SIZE, "crop", (1, 3))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folder of a run."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("one backend says it: steps are tested on all three elsewhere")
    root = tmp_path_factory.mktemp("trained")
    for split in ("trainA", "trainB", "testA", "testB"):
        (root / "data" / split).mkdir(parents=True)
        for i in range(2):
            # Of other shapes than the images.
            picture = Image.fromarray(random_image(i, 150, 170))
            picture.save(root / "data" / split / f"{i}.webp", lossless=True)
    settings = dataclasses.replace(
        small_run.SETTINGS,
        data_dir=str(root / "data"),
        image_size=SIZE,
        framing="crop",
        channels="1:3",
        batch_size=2,
        epochs=1,
        output_dir=str(root / "run"),
    )
    run("horse2zebra", "quick", settings)
    return root / "run"


@pytest.fixture(scope="module")
def student(trained):
    return keras.saving.load_model(trained / "student.keras")


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A picture of 120x160 pixels, and its grey middle of 96x160."""
    path = tmp_path_factory.mktemp("shown") / "shown.png"
    pixels = random_image(7, 120, 160)
    Image.fromarray(pixels).save(path)
    return path, with_channels(pixels, 1)[12:108]


def expected(student, grey):
    translated = translate(student, (grey[None] / 127.5 - 1).astype("float32"))[0]
    return np.rint(np.clip(translated, -1, 1) * 127.5 + 127.5)


def test_the_run_writes_it_down(trained):
    for name in ("student", "teacher"):
        assert read_picture_record(trained / f"{name}.keras") == RECORD
    results = json.loads((trained / "results.json").read_text())
    assert "untranslated input" in results["metrics"]
    assert any("96 x 160 pixels" in line for line in results["protocol"])
    assert any("cropped to the middle" in line for line in results["protocol"])


def test_translated(trained, student, shown, tmp_path):
    path, grey = shown
    translating.main(
        [
            f"--model={trained / 'student.keras'}",
            f"--input={path}",
            f"--output={tmp_path / 'out.png'}",
        ]
    )
    received = np.asarray(Image.open(tmp_path / "out.png"))
    np.testing.assert_array_equal(received, expected(student, grey))


def test_evaluated(trained, student, tmp_path):
    data = trained.parent / "data"
    evaluate.main(
        [
            f"--model={trained / 'student.keras'}",
            f"--images={data / 'testA'}",
            f"--reference={data / 'testB'}",
            "--metrics=mae",
            f"--json={tmp_path / 'scores.json'}",
        ]
    )
    scores = json.loads((tmp_path / "scores.json").read_text())
    differences = []
    for i in range(2):
        framed = frame_array(random_image(i, 150, 170), SIZE, "crop")
        made = expected(student, with_channels(framed, 1))
        differences.append(np.abs(made - framed).mean())
    # The command resizes by TensorFlow: a grey level apart.
    assert abs(scores["results"]["mae"] - np.mean(differences)) < 1
    assert any("96x160 (bicubic), framing: crop" in x for x in scores["protocol"])


def test_exported(trained, tmp_path):
    export.main(
        [
            f"--model={trained}",
            f"--output_dir={tmp_path}",
            f"--images={trained.parent / 'data' / 'testA'}",
            "--quantization=float32",
            "--repeats=1",
        ]
    )
    for name in ("student.onnx", "student_float32.tflite", "student_saved_model"):
        assert read_metadata(tmp_path / name) == RECORD


def test_shown_in_the_page(trained, student, shown, tmp_path):
    if chromium.find() is None:
        pytest.skip("Chromium is not installed")
    try:
        web.main([f"--model={trained}", f"--output_dir={tmp_path / 'web'}"])
    except SystemExit as error:
        if "npm" not in str(error):
            raise
        pytest.skip(str(error))
    path, grey = shown
    with web_page.opened(tmp_path / "web", tmp_path / "profile") as browser:
        assert web_page.text(browser, "pixels") == "160 × 96"
        assert web_page.text(browser, "framing") == "crop"
        assert web_page.text(browser, "channels") == "grey to colour"
        browser.choose_file("#file", path)
        web_page.wait_for_status(browser, "shown.png was translated")
        received = web_page.pixels(browser, "input")[..., :3]
        np.testing.assert_array_equal(received, np.repeat(grey, 3, axis=-1))
        output = web_page.pixels(browser, "output")[..., :3]
        assert np.abs(output - expected(student, grey)).mean() < 0.1
        for framing in FRAMINGS:
            for size in ((120, 160), (1000, 100), (7, 6), (1, 1), (96, 160), (31, 3)):
                assert placed_by_page(browser, framing, size) == place_picture(
                    framing, size, SIZE
                )


def placed_by_page(browser, framing, size):
    """What the page's arithmetic gives, as `place_picture` has it."""
    sizes = [{"height": height, "width": width} for height, width in (size, SIZE)]
    call = f"placePicture({framing!r}, {sizes[0]}, {sizes[1]})"
    boxes = browser.evaluate(f"import('./framing.js').then((page) => page.{call})")
    return tuple(
        tuple(boxes[name][side] for side in ("top", "left", "height", "width"))
        for name in ("part", "place")
    )


@pytest.fixture
def padded(tmp_path):
    """A model that was trained on pictures padded to 16x24 pixels."""
    path = tmp_path / "padded.keras"
    tiny.generator(4, seed=0).save(path)
    write_picture_record(path, PictureRecord((16, 24), "pad"))
    return path


def test_a_picture_keeps_its_shape(padded, tmp_path):
    pixels = random_image(3, 32, 20)
    Image.fromarray(pixels).save(tmp_path / "in.png")

    def translated(*options):
        paths = (f"--input={tmp_path / 'in.png'}", f"--output={tmp_path / 'out.png'}")
        translating.main([f"--model={padded}", *paths, "--overwrite", *options])
        return np.asarray(Image.open(tmp_path / "out.png"))

    model = keras.saving.load_model(padded)
    framed = frame_array(pixels, (16, 24), "pad")
    np.testing.assert_array_equal(translated(), expected(model, framed)[:, 7:17])
    whole = expected(model, pixels)
    np.testing.assert_array_equal(translated("--framing=none"), whole)
    in_tiles = translated("--framing=none", "--tile=8")
    assert np.abs(in_tiles - whole).max() <= 1
    with pytest.raises(SystemExit, match="`--tile` is for .* Received: 8 with pad$"):
        translated("--tile=8")
    assert translated("--framing=squash").shape == (16, 10, 3)
    assert translated("--framing=crop").shape == (16, 24, 3)


@pytest.mark.any_backend
def test_16_bits_and_floats_go_through_a_network_that_changes_nothing(tmp_path):
    inputs = keras.Input((None, None, 3))
    keras.Model(inputs, keras.layers.Activation("linear")(inputs)).save(
        tmp_path / "identity.keras"
    )
    every = np.random.default_rng(0).permutation(2**16).astype(np.uint16)
    pixels = np.stack([every, every[::-1], 2**15 - every // 2], -1).reshape(256, 256, 3)
    np.save(tmp_path / "in.npy", pixels)
    floats = np.linspace(0, 1, 8 * 8 * 3, dtype="float32").reshape(8, 8, 3)
    np.save(tmp_path / "floats.npy", floats)
    for source, target in (
        ("in.npy", "a.png"),
        ("a.png", "b.tif"),
        ("b.tif", "c.npy"),
        ("floats.npy", "d.npy"),
    ):
        translating.main(
            [
                f"--model={tmp_path / 'identity.keras'}",
                f"--input={tmp_path / source}",
                f"--output={tmp_path / target}",
            ]
        )
    np.testing.assert_array_equal(np.load(tmp_path / "c.npy"), pixels)
    np.testing.assert_allclose(np.load(tmp_path / "d.npy"), floats, atol=1e-6)


@pytest.mark.any_backend
def test_bad_input(tmp_path):
    path = tmp_path / "old.keras"
    tiny.generator(4, seed=0).save(path)
    Image.fromarray(random_image(0)).save(tmp_path / "in.png")
    paths = (f"--input={tmp_path / 'in.png'}", f"--output={tmp_path / 'out.png'}")
    with pytest.raises(SystemExit, match="`--framing` must be none for a model"):
        translating.main([f"--model={path}", *paths, "--framing=crop"])
    for command, size in ((web, "9x"), (export, "9x"), (evaluate, "0")):
        options = {
            web: [f"--model={path}", f"--output_dir={tmp_path / 'out'}"],
            export: [f"--model={path}", f"--output_dir={tmp_path / 'out'}"],
            evaluate: [f"--images={tmp_path}", f"--reference={tmp_path}"],
        }[command]
        message = f"`--image_size` must be a positive number.*Received: {size}$"
        with pytest.raises(SystemExit, match=message):
            command.main([*options, f"--image_size={size}"])
    assert sorted(x.name for x in tmp_path.iterdir()) == ["in.png", "old.keras"]
