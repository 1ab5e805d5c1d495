"""Makes a web page that translates pictures and the camera with a saved generator.

    python tools/export_web.py --model=runs/horse2zebra --output_dir=web
    python -m http.server --directory=web        # then open http://localhost:8000

The page needs no network beyond its folder, which any static server serves: put it
behind https:// to use a phone's camera. The generator runs in the browser, on ONNX
Runtime Web, whose npm package is fetched once (33 MB; Node.js must be installed).

The generator takes pictures of one size, --image_size: the page crops the middle of
others and scales it. Pixels are scaled to [-1, 1] and rounded back inside the model, as
tools/translate.py does. A server that sends the headers
`Cross-Origin-Opener-Policy: same-origin` and
`Cross-Origin-Embedder-Policy: require-corp` lets it run on up to four threads.

The folder appears when it is whole; an earlier export is replaced. The model may come
from any backend; TensorFlow and tf2onnx, `pip install crd_keras[export]`, convert it.
"""

import argparse
import json
import pathlib
import shutil
from collections.abc import Sequence

from PIL import Image

from crd_keras.commands.translation import image_files
from crd_keras.export import export_onnx
from crd_keras.export.replacement import move_into_place, remove, temporary_neighbour
from crd_keras.export.web import npm_package
from crd_keras.models.load_model import load_model

_PAGE = pathlib.Path(npm_package.__file__).parent / "page"
_WRITTEN = {"model.json", "model.onnx", "runtime", "sample.png"}
_DEFAULT_IMAGE_SIZE = 256


def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    try:
        _export(arguments)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise SystemExit(f"export_web: {error}") from error


def _export(arguments):
    if arguments.image_size is not None and arguments.image_size < 1:
        raise ValueError(
            f"`--image_size` must be at least 1. Received: {arguments.image_size}"
        )
    target = pathlib.Path(arguments.output_dir)
    _check_target(target)
    sample = arguments.sample and image_files.read_rgb(pathlib.Path(arguments.sample))
    model_path, image_size = _model_of(pathlib.Path(arguments.model))
    model = load_model(str(model_path))
    size = _size(model, arguments.image_size or image_size)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = temporary_neighbour(target.resolve())
    try:
        shutil.copytree(_PAGE, folder)
        (folder / "runtime").mkdir()
        npm_package.unpack_runtime(folder / "runtime", arguments.runtime_package)
        export_onnx(model, folder / "model.onnx", image_size=size, pixels="uint8")
        if sample is not None:
            Image.fromarray(sample).save(folder / "sample.png")
        description = _description(folder, model, size, arguments)
        (folder / "model.json").write_text(json.dumps(description, indent=2))
        total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        move_into_place(folder, target.resolve())
    finally:
        remove(folder)
    print(
        f"{target}: {total / 1e6:.1f} MB, for pictures of {size[0]}x{size[1]}. "
        f"Serve it: python -m http.server --directory={target}"
    )


def _description(folder, model, size, arguments):
    """What the page's app.js reads."""
    model_bytes = (folder / "model.onnx").stat().st_size
    runtime = next((folder / "runtime").glob("*.wasm"))
    return {
        "title": arguments.title or model.name.replace("_", " ").capitalize(),
        "model": "model.onnx",
        "runtime": f"runtime/{runtime.name}",
        "model_bytes": model_bytes,
        "bytes": model_bytes + runtime.stat().st_size,
        "parameters": model.count_params(),
        "height": size[0],
        "width": size[1],
        "sample": arguments.sample is not None,
    }


def _check_target(target):
    if not target.exists():
        return
    if not target.is_dir():
        raise ValueError(f"`--output_dir` must be a folder. Received: {target}")
    known = _WRITTEN | {path.name for path in _PAGE.iterdir()}
    foreign = sorted(p.name for p in target.iterdir() if p.name not in known)
    if foreign:
        raise ValueError(
            "`--output_dir` must be new, empty or an earlier export. "
            f"Received: {target}, which has other files, the first is {foreign[0]}"
        )


def _model_of(path):
    """The model file, and the image size that its run was trained with, if known."""
    if not path.is_dir():
        return path, None
    student, run = path / "student.keras", path / "run.json"
    if not student.is_file():
        raise ValueError(
            "`--model` must be a .keras file or the folder of a run that has saved "
            f"student.keras. Received: {path}"
        )
    settings = json.loads(run.read_text()).get("settings", {}) if run.is_file() else {}
    return student, settings.get("image_size")


def _size(model, image_size):
    """`(height, width)`: what is asked for, else the model's own, else 256."""
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] != 3:
        raise ValueError(
            "`--model` must take images (batch, height, width, 3). "
            f"Received: {model.name}, which takes {shape}"
        )
    if image_size is not None:
        return image_size, image_size
    return tuple(side or _DEFAULT_IMAGE_SIZE for side in shape[1:3])


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model",
        required=True,
        help="A generator, a .keras file, or a run's folder: its student.",
    )
    parser.add_argument("--output_dir", required=True, help="The folder to make.")
    parser.add_argument(
        "--image_size",
        type=int,
        help="Height and width that the page translates (default: the run's, or the "
        "model's own, or 256). Larger pictures show more and take longer.",
    )
    parser.add_argument("--title", help="Heading of the page (default: model's name).")
    parser.add_argument("--sample", help="A picture to try the page with.")
    parser.add_argument(
        "--runtime_package",
        help="The .tgz of onnxruntime-web as `npm pack` writes it, where npm cannot "
        "fetch it.",
    )
    return parser
