"""Scores of an experiment's networks on its test images."""

import dataclasses
from collections.abc import Mapping, Sequence

import keras

from crd_keras.complexity import complexity
from crd_keras.data import ImageSource, SampleSource
from crd_keras.data.sample.score import ground_truth_score
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.source import evaluation_batches, evaluation_images
from crd_keras.inference import image_batches, translate
from crd_keras.metrics import ImageMetric, evaluate_all
from crd_keras.report.html_report import NetworkRow
from crd_keras.utils.channels import parse_channels, with_channels
from crd_keras.utils.images import from_pixels

# The first row of each run's results.
UNTRANSLATED = "untranslated input"


@dataclasses.dataclass(frozen=True)
class NetworkScores:
    """Scores on the test images.

    Attributes:
        rows: Those of the report, the untranslated input's first, if it can be scored
            among target images.
        exactness: On the built-in sample, how near the images are to the drawn ground
            truth, in words.
    """

    rows: Sequence[NetworkRow]
    exactness: Mapping[str, str]

    def of(self, metric: ImageMetric) -> dict[str, float]:
        """The scores of a metric by the rows' names."""
        return {row.name: float(row.metrics[metric.name]) for row in self.rows}


def score_networks(
    networks: Mapping[str, keras.Model],
    source: ImageSource,
    settings: Settings,
    metrics: Sequence[ImageMetric],
) -> NetworkScores:
    """Scores networks, and the images as they are, and prints the scores.

    Args:
        networks: The networks by the names of their rows.
        source: The data, whose test images are translated.
        settings: Those of the experiment, which say how large the images are.
        metrics: The metrics, with their reference images.
    """
    batches = evaluation_batches(source.split("testA"), settings)
    channels = parse_channels(settings.channels)
    # For metrics of pairs; the others have their reference.
    truth = source.targets
    targets = None if truth is None else evaluation_batches(truth, settings)

    def scores(images):
        return evaluate_all(metrics, images, targets and image_batches(targets))

    rows = []
    if channels[0] == channels[1] or set(channels) == {1, 3}:
        # Grey pictures are scored among colour ones as what they look like.
        shown = (with_channels(x, channels[1]) for x in image_batches(batches))
        rows.append(NetworkRow(UNTRANSLATED, None, scores(shown)))
    exactness: dict[str, str] = {}
    for name, network in networks.items():
        translated = (translate(network, batch) for batch in image_batches(batches))
        size = complexity(network, settings.image_size)
        rows.append(NetworkRow(name, size, scores(translated)))
        if isinstance(source, SampleSource):
            exactness |= _exactness(name, network, source, settings)
    for row in rows:
        numbers = (f"{name} {score:.4g}" for name, score in row.metrics.items())
        print(f"{row.name}: {', '.join(numbers)}")
    for name, value in exactness.items():
        print(f"{name}: {value}")
    return NetworkScores(rows, exactness)


def _exactness(name, network, source, settings):
    images = evaluation_images(source.split("testA"), settings)
    ground_truth = from_pixels(source.ground_truth["testA"].astype("float32"))
    score = ground_truth_score(
        with_channels(images, ground_truth.shape[-1]),
        translate(network, images),
        ground_truth,
        source.masks["testA"],
    )
    ratio = score.background_change / score.object_change
    levels = {
        "error against the ground truth, animal": f"{score.object_error:.1f}",
        "change of the animal": f"{score.object_change:.1f}",
        "change of the background": f"{score.background_change:.1f}",
    }
    exactness = {f"{name}: {k}": f"{v} of 255 grey levels" for k, v in levels.items()}
    return exactness | {f"{name}: background's change to animal's": f"{ratio:.2f}"}
