"""What an experiment is measured by."""

from collections.abc import Sequence

from crd_keras.data import ImageSource
from crd_keras.experiment.settings import Settings
from crd_keras.metrics import FeatureSetMetric, ImageMetric, PairedMetric, get_metric
from crd_keras.metrics.reference import give_reference
from crd_keras.utils.image_size import image_sides

# What happens to pictures of another size or shape, in words.
_FRAMED = {
    "squash": "resized",
    "crop": "cropped to the middle and resized",
    "pad": "resized and padded with white",
}


def make_metrics(settings: Settings, has_targets: bool) -> list[ImageMetric]:
    """The metric that chooses the best networks, then those that are only reported.

    They share what can be shared: KID looks at the same features as FID.

    Args:
        settings: The settings.
        has_targets: Whether the right translations of the test images are known, so
            that metrics of pairs can be reported.

    Raises:
        ValueError: If there is no such metric, or its weights are not what they
            should be.
        ImportError: If the package with its weights is not installed.
        OSError: If its weights cannot be had.
    """
    try:
        chosen = get_metric(settings.metric, _features(settings))
    except ConnectionError as error:
        raise ConnectionError(
            f"{error} Use --inception_weights=FILE, --metric_features="
            "efficientnet_lite, or --metric=swd, which needs none."
        ) from error
    metrics = [chosen]
    if isinstance(chosen, FeatureSetMetric):
        metrics += [
            get_metric(name, chosen.features)
            for name in ("fid", "kid")
            if name != chosen.name
        ]
    further = ["swd", "mae", "psnr", "ssim"] if has_targets else ["swd"]
    metrics += [get_metric(name) for name in further if name != chosen.name]
    for metric in metrics:
        try:
            metric.check_image_size(*image_sides(settings.image_size))
        except ValueError as error:
            raise ValueError(
                f"`--image_size` must be large enough for {metric.name}: {error}"
            ) from error
    if isinstance(chosen, PairedMetric):
        if settings.gan != "pix2pix":
            raise ValueError(
                "`--metric` must be fid, kid or swd for images that are no pairs. "
                f"Received: {settings.metric}"
            )
        if settings.reference_split != "testB":
            raise ValueError(
                "`--reference_split` must be testB, the targets of testA, for a metric "
                f"of pairs. Received: {settings.reference_split}"
            )
    return metrics


def _features(settings):
    if settings.metric_features == "inception":
        return settings.inception_weights
    return settings.metric_features


def show_reference(
    metrics: list[ImageMetric], source: ImageSource, settings: Settings
) -> None:
    """Gives the metrics the images that translations are compared with."""
    images = source.split(settings.reference_split)
    for metric in metrics:
        _check_count(metric, len(source.split("testA")), "translated test", settings)
        _check_count(metric, len(images), "reference", settings)
    give_reference(
        metrics, images, settings.image_size, source.directory, settings.framing
    )


def _check_count(metric, count, what, settings):
    if count < metric.fewest_images:
        flag = "--dataset" if settings.data_dir is None else "--data_dir"
        raise ValueError(
            f"`{flag}` must have at least {metric.fewest_images} {what} images for "
            f"{metric.name}. Received: {count}"
        )


def protocol(metrics: Sequence[ImageMetric], settings: Settings) -> list[str]:
    """How the numbers were made, line by line."""
    height, width = image_sides(settings.image_size)
    return [
        *(metric.describe() for metric in metrics),
        f"Generated: all of testA, translated at {height} x {width} pixels. Reference: "
        f"{settings.reference_split}, {_FRAMED[settings.framing]} "
        "to the same size (bicubic, antialiased).",
        *_describe_targets(metrics, settings),
        f"The best teacher and the best student were chosen by "
        f"{_metric_in_words(metrics[0], settings)}, "
        f"evaluated every {settings.evaluate_every} epoch(s) on the same images.",
    ]


def _describe_targets(metrics, settings):
    is_paired = settings.gan == "pix2pix"
    if is_paired or not any(isinstance(metric, PairedMetric) for metric in metrics):
        return []
    return [
        "Pairs: each image of testA and its right translation, of which the training "
        "knew nothing."
    ]


def _metric_in_words(metric, settings):
    """Distances in another network's features are never just FID or KID."""
    of_features = isinstance(metric, FeatureSetMetric)
    if of_features and settings.metric_features == "efficientnet_lite":
        return f"{metric.name} (EfficientNet-Lite0 features)"
    return metric.name
