"""Exporting a generator, in any format and from any backend."""

import contextlib
import os
import pathlib
from collections.abc import Mapping

import keras
import numpy as np
from tqdm import tqdm

from crd_keras.export.export_folder import MANIFEST, foreign_entry, replace_export
from crd_keras.export.metadata import write_metadata
from crd_keras.export.options import ExportOptions
from crd_keras.export.packages import check_packages
from crd_keras.export.run_worker import run_worker
from crd_keras.metrics.image_batch import checked_batch
from crd_keras.models.picture_record import PictureRecord
from crd_keras.utils.files import move_into_place, temporary_beside
from crd_keras.utils.full_disk import naming_full_disk

_SUFFIXES = {"tf_saved_model": "", "litert": ".tflite", "onnx": ".onnx"}


def export_model(
    model: keras.Model,
    filepath: str | os.PathLike,
    format: str,
    image_size: tuple[int, int] | None = None,
    batch_size: int | None = 1,
    pixels: str = "float",
    quantization: str = "float32",
    representative_images: np.ndarray | None = None,
    opset_version: int = 18,
    verbose: bool | None = None,
    record: PictureRecord | None = None,
) -> None:
    """Writes a generator for another runtime.

    TensorFlow converts, in a process of its own, whichever backend is active here. To
    ONNX PyTorch does, where it is the active one or TensorFlow is missing. The file's
    input is called `images`, its output `translated`; channels come last.

    Args:
        model: A functional model, images in and out, `(batch, height, width,
            channels)`, whose own layers are registered with Keras.
        filepath: What to write: a folder for `"tf_saved_model"`, else a file that ends
            with `.tflite` or `.onnx`. It appears when it is complete, and replaces an
            older one; of folders only those that were exported so and have no other
            files since.
        format: `"tf_saved_model"`, `"litert"` or `"onnx"`.
        image_size: `(height, width)` that the file takes. `None`: any that the model
            takes.
        batch_size: How many images the file takes at a time. `None`: any number.
        pixels: `"float"`: images are float32 in [-1, 1]. `"uint8"`: they are uint8 in
            0-255, in and out.
        quantization: Numbers of the file. `"float32"`, or one of these:

            - `"float16"`: in LiteRT weights are stored in half the bytes; in ONNX all
              but input and output have so many, which GPUs are fast with.
            - `"dynamic_int8"`, LiteRT: weights of large kernels take one byte.
            - `"full_int8"`, LiteRT: kernels and activations are whole numbers of one
              byte.
            - `"static_int8"`, ONNX: so are those of convolutions, while instance norms
              stay float32.
        representative_images: `(count, height, width, channels)` in [-1, 1], some
            dozens like those that will be translated: `"full_int8"` and
            `"static_int8"` measure on them which range each layer's numbers have.
        opset_version: Version of ONNX' operators: 14 to 18, and 18 from PyTorch.
        verbose: Whether to show a progress bar. `None`: on a terminal, if it takes
            more than two seconds.
        record: How the generator was shown pictures in its training, such as
            `crd_keras.models.read_picture_record` gives it. It is written into the
            file's metadata; see `crd_keras.export.metadata`.

    Raises:
        ImportError: If a package that converts is not installed.
        OSError: If `filepath` cannot be written.
        ValueError: If an argument is wrong, or the model cannot be converted so.

    Example:

    ```python
    export.export_model(student, "student.tflite", "litert", image_size=(256, 256))
    ```
    """
    options = ExportOptions(
        format, image_size, batch_size, pixels, quantization, opset_version
    )
    export_models(model, {filepath: options}, representative_images, verbose, record)


def export_models(
    model: keras.Model,
    exports: Mapping[str | os.PathLike, ExportOptions],
    representative_images: np.ndarray | None = None,
    verbose: bool | None = None,
    record: PictureRecord | None = None,
) -> None:
    """As `export_model`, several times, which takes less time than one by one.

    Args:
        model: See `export_model`.
        exports: What to write, and how.
        representative_images: See `export_model`.
        verbose: See `export_model`.
        record: See `export_model`.

    Raises:
        See `export_model`. What has been written before the error stays.
    """
    by_path = {pathlib.Path(path): options for path, options in exports.items()}
    for path, options in by_path.items():
        _check_path(path, options.format)
        _check_images(representative_images, options)
    check_packages(options.format for options in by_path.values())
    # A link stays, and what it leads to is replaced.
    by_path = {path.resolve(): options for path, options in by_path.items()}
    with contextlib.ExitStack() as stack:
        jobs = {
            stack.enter_context(temporary_beside(path)): options
            for path, options in by_path.items()
        }
        written = stack.enter_context(
            contextlib.closing(run_worker(model, jobs, representative_images))
        )
        progress = tqdm(
            by_path,
            "Exporting",
            leave=False,
            delay=0 if verbose else 2,
            disable=None if verbose is None else not verbose,
        )
        for path in progress:
            with naming_full_disk(path):
                temporary = next(written)
                if record is not None:
                    write_metadata(temporary, by_path[path].format, record)
                if by_path[path].format == "tf_saved_model":
                    replace_export(temporary, path)
                else:
                    move_into_place(temporary, path)


def export_onnx(
    model: keras.Model,
    filepath: str | os.PathLike,
    image_size: tuple[int, int] | None = None,
    batch_size: int | None = 1,
    pixels: str = "float",
    quantization: str = "float32",
    representative_images: np.ndarray | None = None,
    opset_version: int = 18,
    record: PictureRecord | None = None,
) -> None:
    """Writes a generator for ONNX Runtime. See `export_model`."""
    export_model(
        model,
        filepath,
        "onnx",
        image_size,
        batch_size,
        pixels,
        quantization,
        representative_images,
        opset_version,
        record=record,
    )


def _check_path(path, format):
    if path.suffix != _SUFFIXES[format]:
        wanted = _SUFFIXES[format] or "no extension"
        raise ValueError(
            f'`filepath` must have the extension of "{format}", {wanted}. '
            f"Received: {path}"
        )
    if not path.parent.is_dir():
        raise ValueError(
            f"`filepath` must be in a folder that exists. Received: {path}"
        )
    if format == "tf_saved_model":
        replaceable = not path.exists() or (
            (path / MANIFEST).is_file() and foreign_entry(path) is None
        )
    else:
        replaceable = not path.is_dir()
    if not replaceable:
        raise ValueError(
            f"`filepath` must be new, or an older export, for format={format!r}. "
            f"Received: {path}, which is something else"
        )


def _check_images(images, options):
    if not options.is_measured:
        return
    if images is None:
        raise ValueError(
            f'`representative_images` must be given for "{options.quantization}", some '
            "dozens of images like those to be translated. Received: None"
        )
    checked_batch(images, None, "representative_images")
    if images.shape[1:3] != options.image_size:
        raise ValueError(
            "`representative_images` must have the `image_size` "
            f"{options.image_size}. Received: images of {images.shape[1:3]}"
        )
