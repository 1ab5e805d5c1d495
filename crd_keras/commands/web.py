"""Makes a web page that translates pictures and the camera with a saved generator.

    python tools/export_web.py --model=runs/horse2zebra --output_dir=web
    python -m http.server --directory=web        # then open http://localhost:8000

The page needs no network beyond its folder, which any static server serves: put it
behind https:// to use a phone's camera. The generator runs in the browser, on ONNX
Runtime Web, whose npm package is fetched once (33 MB; Node.js must be installed). It
runs by WebGPU where the browser can, else by WebAssembly, and the page says which.
`?backend=wasm` or `?backend=webgpu` at the end of its address asks for one.

The generator takes pictures of one size, --image_size. The page shows it others as the
training did, by the framing in the model's record: squash, crop or pad. What it gives
has the picture's own shape again. Of a model without a record the page crops the middle
of pictures. Pixels are scaled to [-1, 1] and rounded back inside the model, as
tools/translate.py does. A server that sends the headers
`Cross-Origin-Opener-Policy: same-origin` and
`Cross-Origin-Embedder-Policy: require-corp` lets WebAssembly use up to four threads.

The folder appears when it is whole. An earlier export is replaced: it is known by its
list of files, crd_keras_export.json, and no other file is ever removed. The model may
come from any backend. TensorFlow or PyTorch converts it:
`pip install "crd_keras[export,torch]"`, or tensorflow in place of torch.
"""

import argparse
import json
import pathlib
import shutil
from collections.abc import Sequence

from PIL import Image

from crd_keras.data.pixels import read_pixels, to_8_bits
from crd_keras.experiment.run_record import run_settings
from crd_keras.export import export_onnx
from crd_keras.export.export_folder import foreign_entry, replace_export
from crd_keras.export.packages import check_packages
from crd_keras.export.web import npm_package
from crd_keras.models.load_model import load_model
from crd_keras.models.picture_record import read_picture_record
from crd_keras.utils.errors import DEBUG_HELP, accepts_debug, one_line_errors
from crd_keras.utils.files import temporary_beside
from crd_keras.utils.framing import BACKGROUND
from crd_keras.utils.full_disk import naming_full_disk
from crd_keras.utils.image_size import image_sides, parse_image_size
from crd_keras.utils.output_paths import check_output_folder

_PAGE = pathlib.Path(npm_package.__file__).parent / "page"
_DEFAULT_IMAGE_SIZE = 256


@accepts_debug
@one_line_errors("export_web")
def main(argv: Sequence[str] | None = None) -> None:
    _export(_parser().parse_args(argv))


def _export(arguments):
    if arguments.image_size is not None:
        arguments.image_size = parse_image_size(arguments.image_size, "--image_size")
    target = pathlib.Path(arguments.output_dir)
    check_output_folder("--output_dir", target)
    _check_target(target)
    check_packages(["onnx"])
    sample = _sample(arguments.sample)
    model_path, image_size = _model_of(pathlib.Path(arguments.model))
    model = load_model(str(model_path))
    record = read_picture_record(model_path)
    trained_size = image_size if record is None else record.image_size
    size = _size(model, arguments.image_size or trained_size)
    target.parent.mkdir(parents=True, exist_ok=True)
    # A link stays, and what it leads to is replaced.
    place = target.resolve()
    with naming_full_disk(target), temporary_beside(place) as folder:
        _write(folder, model, size, record, sample, arguments)
        total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        replace_export(folder, place)
    print(
        f"{target}: {total / 1e6:.1f} MB, for pictures of {size[0]}x{size[1]}. "
        f"Serve it: python -m http.server --directory={target}"
    )


def _write(folder, model, size, record, sample, arguments):
    shutil.copytree(_PAGE, folder)
    (folder / "runtime").mkdir()
    try:
        npm_package.unpack_runtime(folder / "runtime", arguments.runtime_package)
    except (ConnectionError, FileNotFoundError, ValueError) as error:
        message = str(error).replace("`package`", "`--runtime_package`")
        raise type(error)(message) from error
    path = folder / "model.onnx"
    export_onnx(model, path, image_size=size, pixels="uint8", record=record)
    if sample is not None:
        Image.fromarray(sample).save(folder / "sample.png")
    description = _description(folder, model, size, record, arguments)
    (folder / "model.json").write_text(json.dumps(description, indent=2))


def _description(folder, model, size, record, arguments):
    """What the page's app.js reads."""
    runtimes = {
        backend: {
            "script": f"runtime/{script}",
            "wasm": f"runtime/{wasm}",
            "bytes": (folder / "runtime" / wasm).stat().st_size,
        }
        for backend, (script, wasm) in npm_package.RUNTIMES.items()
    }
    return {
        "title": arguments.title or model.name.replace("_", " ").capitalize(),
        "model": "model.onnx",
        "model_bytes": (folder / "model.onnx").stat().st_size,
        "runtimes": runtimes,
        "parameters": model.count_params(),
        "height": size[0],
        "width": size[1],
        "framing": "crop" if record is None else record.framing,
        "background": BACKGROUND,
        "channels": [model.input_shape[-1], model.output_shape[-1]],
        "sample": arguments.sample is not None,
    }


def _check_target(target):
    if not target.exists():
        return
    if not target.is_dir():
        raise ValueError(f"`--output_dir` must be a folder. Received: {target}")
    foreign = foreign_entry(target)
    if foreign is not None:
        raise ValueError(
            "`--output_dir` must be new, empty or an earlier export. "
            f"Received: {target}, which has other files, the first is {foreign}"
        )


def _sample(path):
    """The picture to try the page with, `None` without one."""
    if path is None:
        return None
    try:
        return to_8_bits(read_pixels(path))
    except ValueError as error:
        raise ValueError(
            f"`--sample` must be a picture ({error}). Received: {path}"
        ) from error


def _model_of(path):
    """The model file, and the image size that its run was trained with, if known."""
    if not path.is_dir():
        return path, None
    student = path / "student.keras"
    if not student.is_file():
        raise ValueError(
            "`--model` must be a .keras file or the folder of a run that has saved "
            f"student.keras. Received: {path}"
        )
    return student, run_settings(path).get("image_size")


def _size(model, image_size):
    """`(height, width)`: what is asked for, else the model's own, else 256."""
    for does, shape in (("takes", model.input_shape), ("gives", model.output_shape)):
        is_image = isinstance(shape, tuple) and len(shape) == 4
        if not is_image or shape[-1] not in (1, 3):
            raise ValueError(
                "`--model` must take images (batch, height, width, 3), or grey ones "
                "of 1 channel, and give such. "
                f"Received: {model.name}, which {does} {shape}"
            )
    if image_size is not None:
        return image_sides(image_size)
    return tuple(side or _DEFAULT_IMAGE_SIZE for side in model.input_shape[1:3])


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=DEBUG_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model",
        required=True,
        help="A generator, a .keras file, or a run's folder: its student.",
    )
    parser.add_argument("--output_dir", required=True, help="The folder to make.")
    parser.add_argument(
        "--image_size",
        help="Height and width that the page translates, such as 272x480, or one "
        "number for both (default: the training's, or the model's own, or 256). Larger "
        "pictures show more and take longer.",
    )
    parser.add_argument("--title", help="Heading of the page (default: model's name).")
    parser.add_argument("--sample", help="A picture to try the page with.")
    parser.add_argument(
        "--runtime_package",
        help="The .tgz of onnxruntime-web as `npm pack` writes it, where npm cannot "
        "fetch it.",
    )
    return parser
