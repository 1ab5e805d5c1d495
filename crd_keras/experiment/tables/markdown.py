"""A table's results as Markdown."""

from collections.abc import Sequence
from typing import Any

from crd_keras.experiment.tables.paper_text import (
    changes_text,
    footnotes,
    marked_name,
    paper_texts,
)
from crd_keras.utils.image_size import image_sides

_PAPER_NOTE = "Paper: FID at 256 x 256 pixels on the data set of that name."
_OTHER_MEASURE = (
    "It is another measure, on other data, after another training: at most the order "
    "of the rows can be compared."
)


def table_markdown(results: dict[str, Any]) -> str:
    """The table with what one has to know about it.

    Args:
        results: From `table_results`.
    """
    rows = results["rows"]
    # The metrics that chose the best networks come first.
    names = [row["metric"] for row in rows] + [n for row in rows for n in row["scores"]]
    names = list(dict.fromkeys(names))
    metrics = {row["metric"] for row in rows}
    papers, *numbers = paper_texts([row["paper"] for row in rows])
    header = ["", "change", "runs", *names, "difference", "teacher", *papers]
    lines = []
    for row, of_paper in zip(rows, numbers, strict=True):
        scores = row["scores"]
        runs = len(scores[row["metric"]]["by_seed"]) if scores else 0
        lines.append(
            [
                marked_name(row["name"], row["paper"]),
                changes_text(row["changes"], row["network"]),
                row["not_run"] or str(runs),
                *(_score(scores.get(name)) for name in names),
                _difference(row),
                _score(row["teacher"]),
                *of_paper,
            ]
        )
    notes = _notes(results, metrics)
    return "\n".join(
        [
            f"# Table {results['table']}: {results['title']}",
            "",
            markdown_table(header, lines),
            "",
            *(f"- {note}" for note in notes),
            "",
        ]
    )


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _notes(results, metrics):
    rows = results["rows"]
    labels = dict.fromkeys(row["label"] for row in rows if row["label"])
    yield from labels
    for recipe in dict.fromkeys(row["recipe"] for row in rows):
        of_recipe = [row for row in rows if row["recipe"] == recipe]
        row = next((row for row in of_recipe if row["input"]), of_recipe[0])
        better = "higher" if row["higher_is_better"] else "lower"
        base = row["base"]
        height, width = image_sides(base["image_size"])
        yield (
            f"{recipe}: {base['epochs']} epochs at {height} x {width} pixels, batch "
            f"{base['batch_size']} where a row does not change it; {row['metric']} "
            f"({better} is better) chose the best networks, and is the teacher's "
            "column."
            + (f" Untranslated input: {_score(row['input'])}." if row["input"] else "")
        )
    seeds = ", ".join(str(seed) for seed in results["seeds"])
    yield (
        "Scores are the student's where it does not say the teacher's; mean ± "
        f"standard deviation (n - 1) over the seeds {seeds}."
    )
    yield (
        "Difference: a row's score less that of the whole method, of the same data set "
        "and seed; mean ± standard deviation over the seeds. Rows of one run have the "
        "same teacher, so that it is the students' alone. * Of another run than the "
        "method's: the difference between two trainings of teachers is in it."
    )
    if any("batch_size" in row["changes"] for row in rows):
        yield "A larger batch takes fewer steps in the same number of epochs."
    if any("teacher_filters" in row["changes"] for row in rows):
        yield "Baseline: a GAN with the student's filters, trained by itself."
    yield _PAPER_NOTE if metrics == {"fid"} else f"{_PAPER_NOTE} {_OTHER_MEASURE}"
    if any(row["paper"]["macs"] is not None for row in rows):
        yield (
            "Paper's difference: the original's FID less the row's. In brackets: how "
            "many times less than the original's. `crd complexity --recipe` counts "
            "MACs and parameters of the networks."
        )
    if any("student_discriminator" in row["changes"] for row in rows):
        yield (
            "Pre-trained: the discriminator that CycleGAN's original of the same seed "
            "has ended with, which saw no student. Freezing: the student is shown that "
            "one, which nothing updates. Updating: the row's run, of a new teacher, "
            "begins with it."
        )
    yield from footnotes({row["name"]: row["paper"] for row in rows})
    yield from dict.fromkeys(line for row in rows for line in row["protocol"])


def _difference(row):
    text = _score(row["differences"].get(row["metric"]), sign="+")
    return text if row["same_run"] or not text else f"{text} *"


def _score(spread, sign=""):
    if spread is None:
        return ""
    mean = f"{spread['mean']:{sign}.4g}"
    return mean if spread["std"] is None else f"{mean} ± {spread['std']:.2g}"
