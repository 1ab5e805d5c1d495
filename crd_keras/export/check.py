"""The check after an export: a file beside the Keras model that it was made from."""

import dataclasses
import pathlib
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from crd_keras.export.options import ExportOptions
from crd_keras.export.runtimes import load_exported
from crd_keras.utils.images import to_pixels, to_uint8
from crd_keras.utils.measurement import others_text, seconds_of, time_text
from crd_keras.utils.text_table import text_table

_WARM_UP = 2


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """How far an exported file may be from Keras.

    Attributes:
        mean_difference: Of files with float kernels, in grey levels.
        psnr: Of files with int8 kernels, in dB.
    """

    mean_difference: float
    psnr: float

    def failure(self, result: Mapping[str, Any], options: ExportOptions) -> str | None:
        """What is wrong with a result of `check_export`, `None` if nothing is."""
        if options.quantization.endswith("int8"):
            if not result["psnr"] >= self.psnr:
                return f"PSNR {result['psnr']:.1f} dB, below {self.psnr:g}"
        elif not result["mean_difference"] <= self.mean_difference:
            return (
                f"mean difference {result['mean_difference']:.2f} grey levels, above "
                f"{self.mean_difference:g}"
            )
        return None


def check_export(
    path: pathlib.Path,
    images: np.ndarray,
    expected: np.ndarray,
    threads: int,
    repeats: int,
) -> dict[str, Any]:
    """Loads a file in its own runtime, and translates images with it.

    Args:
        path: The file or folder.
        images: `(count, height, width, channels)` in [-1, 1].
        expected: Keras' translations of them, likewise.
        threads: How many threads the runtime may use.
        repeats: How often one image is translated for the latency.

    Returns:
        Mean and largest difference in grey levels (of 255) and the PSNR in dB, infinite
        where there is none; bytes on disk; seconds for one image, one for each repeat,
        and their median; the cores that other programs used meanwhile.
    """
    model = load_exported(path, threads)
    # A file for several images at a time gets the same image several times.
    batch_size = model.input_shape[0] or 1
    if model.dtype == "uint8":
        images = to_uint8(images)
    progress = tqdm(images, path.name, unit="image", delay=2, leave=False)
    batches = (np.repeat(image[None], batch_size, axis=0) for image in progress)
    translated = np.stack([_grey(model(batch))[0] for batch in batches])
    difference = np.abs(translated - to_pixels(expected))
    squared = np.mean(difference**2, dtype="float64")
    batch = np.repeat(images[:1], batch_size, axis=0)
    seconds, others = seconds_of(lambda: model(batch), repeats, _WARM_UP)
    return {
        "path": str(path),
        "runtime": model.runtime,
        "mean_difference": float(difference.mean(dtype="float64")),
        "max_difference": float(difference.max()),
        "psnr": float(10 * np.log10(255**2 / squared)) if squared else np.inf,
        "bytes": _bytes(path),
        "seconds": seconds,
        "median_seconds": statistics.median(seconds),
        "cores_used_by_others": others,
    }


def check_table(results: Sequence[Mapping[str, Any]]) -> str:
    """The results as text.

    Args:
        results: What `check_export` gave, each with its `failure`.
    """
    headings = [
        "file",
        "mean difference",
        "largest",
        "PSNR",
        "on disk",
        "time, median (least to most)",
        "runtime",
        "others' cores",
        "",
    ]
    rows = [headings]
    for result in results:
        rows.append(
            [
                pathlib.Path(result["path"]).name,
                f"{result['mean_difference']:.3f}",
                f"{result['max_difference']:.2f}",
                f"{result['psnr']:.1f} dB",
                f"{result['bytes'] / 1e6:.3f} MB",
                time_text(result["seconds"]),
                result["runtime"],
                others_text(result["cores_used_by_others"]),
                "FAILED" if result["failure"] else "ok",
            ]
        )
    return text_table(rows)


def _grey(images):
    """Images in 0-255, not rounded."""
    if images.dtype == np.uint8:
        return images.astype("float32")
    return to_pixels(images)


def _bytes(path):
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
