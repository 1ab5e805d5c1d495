import json

import keras
import numpy as np
import pytest
from PIL import Image

from crd_keras import models, translate
from crd_keras.commands import web
from crd_keras.export.web import npm_package
from tests.export import chromium, web_page
from tests.export.web_page import pixels, text, wait_for_status

SIZE = 32
WEBGPU_WASM = npm_package.RUNTIMES["webgpu"][1]
CPU_WASM = npm_package.RUNTIMES["wasm"][1]


@pytest.fixture(scope="module")
def student():
    return models.mobile_resnet_generator(filters=16, blocks=1, seed=0)


@pytest.fixture(scope="module")
def folder(student, tmp_path_factory):
    """An export from a run's folder."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the page is the same for all backends: tested on TensorFlow's")
    if chromium.find() is None:
        pytest.skip("Chromium is not installed")
    run = tmp_path_factory.mktemp("run")
    student.save(run / "student.keras")
    (run / "run.json").write_text(json.dumps({"settings": {"image_size": SIZE}}))
    folder = run / "new" / "web"
    try:
        web.main([f"--model={run}", f"--output_dir={folder}", "--title=A & <b>"])
    except SystemExit as error:
        if "npm" not in str(error):
            raise
        pytest.skip(str(error))
    assert [path.name for path in folder.parent.iterdir()] == ["web"]
    return folder


@pytest.fixture(scope="module")
def browser(folder, tmp_path_factory):
    """Chromium with the page, its model loaded."""
    with web_page.opened(folder, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def picture(height, width):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def check_output_is_that_of_keras(browser, student, tmp_path):
    # Of a picture that is too wide the middle is taken.
    wide = picture(SIZE, SIZE + 16)
    Image.fromarray(wide).save(tmp_path / "wide.png")
    browser.choose_file("#file", tmp_path / "wide.png")
    wait_for_status(browser, "wide.png was translated")
    middle = wide[:, 8:-8]
    np.testing.assert_array_equal(pixels(browser, "input")[..., :3], middle)
    images = (middle[None] / 127.5 - 1).astype("float32")
    expected = np.rint(translate(student, images)[0] * 127.5 + 127.5)
    output = pixels(browser, "output")
    assert expected.std() > 10  # not one colour
    difference = np.abs(output[..., :3] - expected)
    assert difference.max() <= 2 and difference.mean() < 0.1
    assert (output[..., 3] == 255).all()
    assert not browser.evaluate("document.getElementById('save').disabled")


def test_output_is_that_of_keras(browser, student, tmp_path):
    check_output_is_that_of_keras(browser, student, tmp_path)


@pytest.fixture(scope="module")
def webgpu_browser(folder, tmp_path_factory):
    """Chromium with the page and WebGPU, in software."""
    profile = tmp_path_factory.mktemp("webgpu")
    with web_page.opened(folder, profile, "--enable-unsafe-webgpu") as browser:
        if not browser.evaluate("navigator.gpu?.requestAdapter().then(Boolean)"):
            pytest.skip("this Chromium has no WebGPU, not even in software")
        yield browser


@pytest.fixture
def believes_in_gpu(webgpu_browser):
    """A page for which the software is a graphics processor."""
    script = (
        "Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', "
        "{ get: () => false })"
    )
    webgpu_browser("Page.enable")
    add = "Page.addScriptToEvaluateOnNewDocument"
    added = webgpu_browser(add, source=script)["identifier"]
    yield webgpu_browser
    webgpu_browser("Page.removeScriptToEvaluateOnNewDocument", identifier=added)


def loaded_runtimes(browser):
    return {path for path in browser.requested if path.endswith(".wasm")}


def reopened(browser, query):
    """Opens the page anew. Returns what the model runs on, and how."""
    browser.requested.clear()
    browser.open(f"{browser.origin}/?{query}")
    wait_for_status(browser, "Ready")
    return text(browser, "runtime"), text(browser, "by")


def test_webgpu_comes_first(believes_in_gpu, student, tmp_path):
    assert reopened(believes_in_gpu, "") == ("GPU", "The model runs by WebGPU.")
    assert loaded_runtimes(believes_in_gpu) == {f"/runtime/{WEBGPU_WASM}"}
    check_output_is_that_of_keras(believes_in_gpu, student, tmp_path)


def test_webgpu_that_fails_is_followed_by_webassembly(believes_in_gpu, folder):
    runtime = folder / "runtime" / WEBGPU_WASM
    hidden = runtime.rename(runtime.with_suffix(".hidden"))
    try:
        on, by = reopened(believes_in_gpu, "fails")
    finally:
        hidden.rename(runtime)
    assert on == "CPU, 1 thread"
    assert by.endswith(f"WebGPU: runtime/{WEBGPU_WASM} cannot be loaded (404).")


def test_webgpu_in_software_is_not_chosen(webgpu_browser):
    on, by = reopened(webgpu_browser, "software")
    assert on == "CPU, 1 thread"
    assert "no graphics processor and only imitates one" in by
    assert loaded_runtimes(webgpu_browser) == {f"/runtime/{CPU_WASM}"}


def test_address_chooses_backend(browser):
    on, by = reopened(browser, "backend=wasm")
    assert on == "CPU, 1 thread"
    assert by.endswith("not by WebGPU: the page’s address asks for WebAssembly.")
    browser.open(f"{browser.origin}/?backend=webgpu")
    wait_for_status(browser, "WebGPU cannot run the model: the browser has no graphics")
    browser.open(f"{browser.origin}/?backend=cuda")
    wait_for_status(browser, "?backend= must be webgpu or wasm. Received: cuda")
    assert reopened(browser, "")[0] == "CPU, 1 thread"


def test_facts(browser, folder, student):
    size = (folder / "model.onnx").stat().st_size
    assert text(browser, "size") == f"{size / 1e6:.2f} MB"
    assert text(browser, "parameters") == f"{student.count_params():,}"
    assert text(browser, "pixels") == f"{SIZE} × {SIZE}"
    assert text(browser, "framing") == "crop"  # Of a model that says nothing.
    assert text(browser, "channels") == "colour to colour"
    assert text(browser, "runtime") == "CPU, 1 thread"
    assert text(browser, "by") == (
        "The model runs by WebAssembly, not by WebGPU: "
        "the browser has no graphics processor to use."
    )
    assert text(browser, "title") == "A & <b>"


def test_folder_is_small_and_all_that_is_loaded(browser, folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in paths) < 32e6
    loaded = browser.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert all(
        name.startswith((browser.origin, "data:", "blob:")) for name in loaded
    ), loaded
    outside = "fetch('http://127.0.0.1:9/').catch((error) => error.message)"
    violated = (
        "new Promise((done) => { addEventListener('securitypolicyviolation', "
        f"(event) => done(event.effectiveDirective)); {outside}; }})"
    )
    assert browser.evaluate(violated) == "connect-src"


def test_large_picture_is_scaled(browser, tmp_path):
    halves = np.zeros((40 * SIZE, 80 * SIZE, 3), np.uint8)
    halves[:, 40 * SIZE :] = (200, 100, 50)
    Image.fromarray(halves).save(tmp_path / "large.png")
    browser.choose_file("#file", tmp_path / "large.png")
    wait_for_status(browser, "large.png was translated")
    shown = pixels(browser, "input")[..., :3]
    assert (shown[:, : SIZE // 2 - 2] == 0).all()
    assert (shown[:, SIZE // 2 + 2 :] == (200, 100, 50)).all()


def test_file_that_is_no_picture(browser, tmp_path):
    (tmp_path / "notes.png").write_text("no picture")
    browser.choose_file("#file", tmp_path / "notes.png")
    wait_for_status(browser, "“notes.png” is no picture")
    assert "error" in browser.evaluate("document.getElementById('status').className")


def test_dropped_picture(browser, tmp_path):
    Image.fromarray(picture(SIZE, SIZE)).save(tmp_path / "dropped.png")
    at = {"x": 20, "y": 200, "data": {"items": [], "dragOperationsMask": 1}}
    at["data"]["files"] = [str(tmp_path / "dropped.png")]
    for event in ("dragEnter", "dragOver", "drop"):
        browser("Input.dispatchDragEvent", type=event, **at)
    wait_for_status(browser, "dropped.png was translated")
    np.testing.assert_array_equal(
        pixels(browser, "input")[..., :3], picture(SIZE, SIZE)
    )


def test_phone_and_keyboard(browser):
    browser.resize(360, 740)
    assert browser.evaluate("document.documentElement.scrollWidth") <= 360
    lowest = browser.evaluate(
        "Math.min(...[...document.querySelectorAll('button:not([hidden]), .button')]"
        ".map((control) => control.getBoundingClientRect().height))"
    )
    assert lowest >= 44  # as large as a finger
    browser.evaluate("document.activeElement.blur(), getSelection().removeAllRanges()")
    focused = []
    for _ in range(3):
        browser.press("Tab")
        focused.append(browser.evaluate("document.activeElement.id"))
        outline = browser.evaluate(
            "getComputedStyle(document.activeElement.closest('button, .button'))"
            ".outlineWidth"
        )
        assert outline == "3px"
    assert focused == ["file", "start", "save"]


def test_camera(browser):
    start = "document.getElementById('start')"
    camera = {"name": "camera"}
    browser("Browser.setPermission", permission=camera, setting="denied")
    browser.evaluate(f"{start}.focus()")
    browser.press("Enter")
    wait_for_status(browser, "The camera may not be used")
    browser("Browser.setPermission", permission=camera, setting="granted")
    browser.evaluate(f"{start}.focus()")
    browser.press("Enter")
    wait_for_status(browser, "The camera is on")
    assert browser.evaluate("document.activeElement.id") == "stop"
    rate = "document.getElementById('rate').textContent"
    browser.wait_for(f"/^[0-9.]+ fps$/.test({rate})")
    # Chromium's camera is green, with a clock that moves.
    first = pixels(browser, "input")
    assert first[..., 1].mean() > first[..., 0].mean() + 50
    output = "document.getElementById('output').toDataURL()"
    now = browser.evaluate(output)
    browser.wait_for(f"{output} !== {now!r}")
    browser.press("Enter")
    wait_for_status(browser, "The camera is off")
    assert browser.evaluate("document.activeElement.id") == "start"


def test_frame_rate_is_measured_over_a_second(browser):
    rates = browser.evaluate(
        "import('./frame_rate.js').then(({ FrameRate }) => {"
        "const rate = new FrameRate(500);"
        "return [700, 1490, 1500, 1600, 4000].map((now) => rate.count(now) ?? null);"
        "})"
    )
    # Three pictures in 1 s, then two in 2.5 s.
    assert rates == [None, None, 3, None, 0.8]


def test_runtime_that_fails(browser, folder):
    wasm = folder / "runtime" / CPU_WASM
    hidden = wasm.rename(wasm.with_suffix(".hidden"))
    browser.open(f"{browser.origin}/?again")
    try:
        shown = wait_for_status(browser, "The model cannot be started")
    finally:
        hidden.rename(wasm)
    assert shown.endswith(f"runtime/{wasm.name} cannot be loaded (404)")
