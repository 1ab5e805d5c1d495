"""The results of an export as text."""

import pathlib

from crd_keras.utils.measurement import others_text, time_text
from crd_keras.utils.text_table import text_table


def table(results: list[dict]) -> str:
    """Puts together what `exporting.comparison.compare` gave, and each `failure`."""
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
