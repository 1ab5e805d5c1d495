"""The report of a run: its table, its pictures and what it used."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from crd_keras.complexity import complexity
from crd_keras.data import (
    ImageSource,
    PairedSource,
    SampleSource,
    evaluation_batches,
    evaluation_images,
)
from crd_keras.data.sample.score import ground_truth_score
from crd_keras.experiment.metrics import protocol
from crd_keras.experiment.run_folder import RunFolder
from crd_keras.inference import image_batches, translate
from crd_keras.metrics import ImageMetric, evaluate_all
from crd_keras.report.html_report import NetworkRow, write_report
from crd_keras.training.trainer import CRDTrainer
from crd_keras.utils.files import atomic_write
from crd_keras.utils.images import from_pixels


def write_run_report(
    folder: RunFolder,
    record: dict[str, dict],
    trainer: CRDTrainer,
    networks: Mapping[str, keras.Model],
    source: ImageSource,
    metrics: Sequence[ImageMetric],
) -> None:
    """Evaluates teacher and student on the test images and writes what came of it.

    `report.html` is for people, `results.json`, which comes last, for programs.

    Args:
        folder: The run's folder, with its metrics and pictures.
        record: The run's settings, data, weights and versions.
        trainer: What trained the networks.
        networks: The networks to report on, by the names of their rows.
        source: The data, whose test images are translated.
        metrics: The metrics, with their reference images. The first one has chosen
            the best networks.
    """
    size = folder.settings.image_size
    batches = evaluation_batches(source.split("testA"), size)
    # For metrics of pairs; the others have their reference.
    targets = (
        evaluation_batches(source.split("testB"), size)
        if isinstance(source, PairedSource)
        else None
    )

    def scores(images):
        return evaluate_all(metrics, images, targets and image_batches(targets))

    rows = [NetworkRow("untranslated input", None, scores(image_batches(batches)))]
    exactness: dict[str, Any] = {}
    for name, network in networks.items():
        translated = (translate(network, batch) for batch in image_batches(batches))
        rows.append(NetworkRow(name, complexity(network, size), scores(translated)))
        if isinstance(source, SampleSource):
            exactness |= _exactness(name, network, source, size)

    for row in rows:
        numbers = (f"{name} {score:.4g}" for name, score in row.metrics.items())
        print(f"{row.name}: {', '.join(numbers)}")
    sections = {"Exactness on the drawn test images": exactness} if exactness else {}
    for name, value in exactness.items():
        print(f"{name}: {value}")
    used = record["used"]
    write_report(
        folder.report,
        title=f"{used['recipe']}: teacher and student",
        label=_label(used, folder.settings),
        rows=rows,
        image_size=(size, size),
        higher_is_better=[m.name for m in metrics if m.higher_is_better],
        protocols=protocol(metrics, folder.settings),
        grid=max(folder.grids.glob("*.png"), default=None),
        grid_caption="Test images after the last epoch: input, the best teacher, "
        "the student as it is then (the table has the best student)",
        history=folder.metrics,
        metric_columns={
            f"{role}_{metrics[0].name}": _epoch(best)
            for role, best in (
                ("teacher", trainer.best_teacher),
                ("student", trainer.best_student),
            )
        },
        sections={
            **sections,
            "Used": used,
            "Settings": record["settings"],
            "Versions": record["versions"] | _earlier_backends(record),
        },
    )
    _write_results(folder, used, rows, exactness, metrics)


def _earlier_backends(record):
    """Which backends trained before the run was resumed on this one."""
    names = [
        (session["versions"] or {}).get("backend", "unknown")
        for session in record["earlier_sessions"]
    ]
    return {"backends of earlier sessions": ", ".join(names)} if names else {}


def _epoch(best):
    return int(best.epoch.numpy()) if best.exists else None


def _write_results(folder, used, rows, exactness, metrics):
    results = {
        "recipe": used["recipe"],
        "preset": used["preset"],
        "label": _label(used, folder.settings),
        "metric": metrics[0].name,
        "higher_is_better": [m.name for m in metrics if m.higher_is_better],
        "metrics": {
            row.name: {name: float(score) for name, score in row.metrics.items()}
            for row in rows
        },
        "exactness": exactness,
        "protocol": protocol(metrics, folder.settings),
    }
    atomic_write(folder.results, json.dumps(results, indent=2).encode())


def _label(used, settings):
    label = f"{used['data']}; preset {used['preset']}; {used['perceptual features']}."
    is_the_papers = (
        used["preset"] == "paper"
        and settings.data_dir is None
        and settings.max_steps is None
        and settings.perceptual_features == "vgg16"
        and settings.vgg_weights == "imagenet"
        and settings.metric_features == "inception"
    )
    return label if is_the_papers else f"{label} Not a result on {used['recipe']}."


def _exactness(name, network, source, image_size):
    images = evaluation_images(source.split("testA"), image_size)
    ground_truth = from_pixels(source.ground_truth["testA"].astype("float32"))
    score = ground_truth_score(
        images, translate(network, images), ground_truth, source.masks["testA"]
    )
    ratio = score.background_change / score.object_change
    levels = {
        "error against the ground truth, animal": f"{score.object_error:.1f}",
        "change of the animal": f"{score.object_change:.1f}",
        "change of the background": f"{score.background_change:.1f}",
    }
    exactness = {f"{name}: {k}": f"{v} of 255 grey levels" for k, v in levels.items()}
    return exactness | {f"{name}: background's change to animal's": f"{ratio:.2f}"}
