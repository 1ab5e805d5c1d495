"""What an experiment is measured by."""

from settings import Settings

from crd_keras.data import UnpairedSource
from crd_keras.metrics import FeatureSetMetric, ImageMetric, get_metric
from crd_keras.reference import give_reference


def make_metrics(settings: Settings) -> list[ImageMetric]:
    """The metric that chooses the best networks, then those that are only reported.

    They share what can be shared: KID looks at the same features as FID.

    Raises:
        ValueError: If there is no such metric, or its weights are not what they
            should be.
        OSError: If its weights cannot be had.
    """
    try:
        chosen = get_metric(settings.metric, settings.inception_weights)
    except ConnectionError as error:
        raise ConnectionError(
            f"{error} Use --inception_weights=FILE, or --metric=swd, which needs none."
        ) from error
    metrics = [chosen]
    if isinstance(chosen, FeatureSetMetric):
        metrics += [
            get_metric(name, chosen.features)
            for name in ("fid", "kid")
            if name != chosen.name
        ]
    if chosen.name != "swd":
        metrics.append(get_metric("swd"))
    return metrics


def show_reference(
    metrics: list[ImageMetric], source: UnpairedSource, settings: Settings
) -> None:
    """Gives the metrics the images that translations are compared with."""
    images = source.split(settings.reference_split)
    give_reference(metrics, images, settings.image_size, source.directory)


def protocol(metrics: list[ImageMetric], settings: Settings) -> list[str]:
    """How the numbers were made, line by line."""
    return [
        *(metric.describe() for metric in metrics),
        f"Generated: all of testA, translated at {settings.image_size} x "
        f"{settings.image_size} pixels. Reference: {settings.reference_split}, resized "
        "to the same size (bicubic, antialiased).",
        f"The best teacher and the best student were chosen by {settings.metric}, "
        f"evaluated every {settings.evaluate_every} epoch(s) on the same images.",
    ]
