"""Table 2: what the networks cost. It needs no training."""

import io
from typing import Any, cast

import matplotlib.style
from matplotlib.figure import Figure

from crd_keras.complexity import complexity
from crd_keras.experiment.networks import make_generator
from crd_keras.experiment.presets import RECIPES
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.tables.markdown import markdown_table
from crd_keras.experiment.tables.plot import STYLE

# Parameters and MACs of the published networks at 256 x 256.
_PUBLISHED = {
    "CycleGAN: original": (11_378_179, 56.80e9),
    "CycleGAN: teacher": (1_987_075, 18.31e9),
    "CycleGAN: student": (137_347, 1.408e9),
    "Pix2Pix: original and teacher": (54_413_955, 18.14e9),
    "Pix2Pix: student": (3_404_451, 1.219e9),
}


def cost_results(preset: str) -> dict[str, Any]:
    """Parameters and multiply-accumulates (MACs) of the generators.

    Args:
        preset: `"paper"` or `"quick"`.

    Returns:
        What `table2.json` holds. MACs are for one image of the preset's size;
        `published_parameters` and `published_macs_paper` are `None` where the preset
        has other networks than the paper.
    """
    cycle_gan = RECIPES["horse2zebra"][preset]
    pix2pix = RECIPES["edges2shoes"][preset]
    original = Settings(generator="resnet", blocks=cycle_gan.blocks)
    networks = {
        "CycleGAN: original": (original, cycle_gan.teacher_filters),
        "CycleGAN: teacher": (cycle_gan, cycle_gan.teacher_filters),
        "CycleGAN: student": (cycle_gan, cast(int, cycle_gan.student_filters)),
        "Pix2Pix: original and teacher": (pix2pix, pix2pix.teacher_filters),
        "Pix2Pix: student": (pix2pix, cast(int, pix2pix.student_filters)),
    }
    rows = []
    for name, (settings, filters) in networks.items():
        cost = complexity(make_generator(settings, filters), cycle_gan.image_size)
        parameters, macs = _PUBLISHED[name] if preset == "paper" else (None, None)
        rows.append(
            {
                "name": name,
                "parameters": cost.parameters,
                "macs_paper": cost.macs_paper,
                "macs": cost.macs,
                "published_parameters": parameters,
                "published_macs_paper": macs,
            }
        )
    return {
        "table": 2,
        "title": "Cost of the generators",
        "preset": preset,
        "image_size": cycle_gan.image_size,
        "rows": rows,
    }


def cost_markdown(results: dict[str, Any]) -> str:
    """The costs as Markdown, with how many times less than the original's they are."""
    header = ["", "parameters", "MACs, the paper's way", "MACs, true"]
    header += ["published parameters", "published MACs"]
    lines = []
    for row in results["rows"]:
        kind = row["name"].split(":")[0]
        original = next(r for r in results["rows"] if r["name"].startswith(kind))

        def cell(key, text, row=row, original=original):
            return f"{text(row[key])} ({original[key] / row[key]:.1f}x)"

        parameters, macs = row["published_parameters"], row["published_macs_paper"]
        lines.append(
            [
                row["name"],
                cell("parameters", "{:,}".format),
                cell("macs_paper", _giga),
                cell("macs", _giga),
                "" if parameters is None else f"{parameters:,}",
                "" if macs is None else _giga(macs),
            ]
        )
    size = results["image_size"]
    return (
        f"# Table 2: {results['title']}\n\n{markdown_table(header, lines)}\n\n"
        f"- Preset {results['preset']}; MACs of one image of {size} x {size} pixels. "
        "In brackets: how many times less than the original.\n"
        "- The paper's way counts a transposed convolution at its output resolution. "
        "Published: counted on the published networks, at 256 x 256 pixels.\n"
    )


def cost_png(results: dict[str, Any]) -> bytes:
    """The costs as a picture, a PNG file."""
    rows = results["rows"]
    names = [row["name"] for row in rows]
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(7.5, 2.4), layout="constrained")
        charts = figure.subplots(1, 2, sharey=True)
        for axes, key, unit in zip(
            charts, ("parameters", "macs"), (1e6, 1e9), strict=True
        ):
            bars = axes.barh(names, [row[key] / unit for row in rows], height=0.6)
            axes.bar_label(bars, fmt="%.3g", padding=2)
            axes.margins(x=0.2)
        charts[0].invert_yaxis()  # Of both.
        charts[0].set_xlabel("parameters, millions")
        charts[1].set_xlabel("true MACs, 1e9")
        figure.suptitle(f"Table 2: {results['title']} (preset {results['preset']})")
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=150)
    return file.getvalue()


def _giga(macs):
    return f"{macs / 1e9:.4g} G"
