"""The report of a run: its table, its pictures and what it used."""

from run_folder import RunFolder

from crd_keras.complexity import complexity
from crd_keras.data import SampleSource, UnpairedSource, evaluation_images
from crd_keras.inference import evaluate_translation, image_batches, translate
from crd_keras.metrics import ImageSetMetric, twin_score
from crd_keras.report import NetworkRow, write_report
from crd_keras.trainer import CRDTrainer


def write_run_report(
    folder: RunFolder,
    record: dict[str, dict],
    trainer: CRDTrainer,
    source: UnpairedSource,
    metric: ImageSetMetric,
) -> None:
    """Evaluates teacher and student on the test images and writes `report.html`.

    Args:
        folder: The run's folder, with its metrics and pictures.
        record: The run's settings, data, weights and versions.
        trainer: The trained networks.
        source: The data, whose test images are translated.
        metric: The metric, with its reference images.
    """
    size = folder.settings.image_size
    images = evaluation_images(source, "testA", size)
    metric.reset_state()
    for batch in image_batches(images):
        metric.update_state(batch)
    rows = [NetworkRow("untranslated input", None, {metric.name: metric.result()})]
    exactness = {}
    networks = {"teacher": trainer.distilled_from(), "student": trainer.student}
    for name, network in networks.items():
        score = evaluate_translation(network, images, metric)
        rows.append(NetworkRow(name, complexity(network, size), {metric.name: score}))
        if isinstance(source, SampleSource):
            exactness |= _exactness(name, network, images, source)

    for row in rows:
        print(f"{row.name}: {metric.name} {row.metrics[metric.name]:.2f}")
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
        protocols=[metric.describe()],
        grid=max(folder.grids.glob("*.png"), default=None),
        grid_caption="Test images: input, best teacher, student",
        history=folder.metrics,
        metric_columns=[f"teacher_{metric.name}"],
        sections={
            **sections,
            "Used": used,
            "Settings": record["settings"],
            "Versions": record["versions"],
        },
    )


def _label(used, settings):
    label = f"{used['data']}; preset {used['preset']}; {used['perceptual features']}."
    is_the_papers = (
        used["preset"] == "paper"
        and settings.data_dir is None
        and settings.max_steps is None
        and settings.vgg_weights == "imagenet"
    )
    return label if is_the_papers else f"{label} Not a result on {used['recipe']}."


def _exactness(name, network, images, source):
    twins = source.twins.astype("float32") / 127.5 - 1
    score = twin_score(images, translate(network, images), twins, source.masks)
    ratio = score.background_change / score.object_change
    levels = {
        "error against the striped twin, animal": f"{score.twin_error:.1f}",
        "change of the animal": f"{score.object_change:.1f}",
        "change of the background": f"{score.background_change:.1f}",
    }
    exactness = {f"{name}: {k}": f"{v} of 255 grey levels" for k, v in levels.items()}
    return exactness | {f"{name}: background's change to animal's": f"{ratio:.2f}"}
