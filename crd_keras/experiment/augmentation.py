"""More augmentation of the training images, chosen by name."""

from collections.abc import Callable

from crd_keras import data
from crd_keras.experiment.settings import Settings


def make_augmentation(settings: Settings) -> Callable | None:
    """What `settings.augmentation` names, for the data pipelines.

    Args:
        settings: Its `augmentation` is names, separated by commas. `"none"` or the
            empty string is nothing.

    Returns:
        The `image_augmentation` of `data.unpaired_dataset` and `data.paired_dataset`,
        or `None`. keras-cv is loaded for what is named only.

    Raises:
        ImportError: If keras-cv is not installed.
        ValueError: If a name is unknown, or a change would be done twice.
    """
    if settings.augmentation in ("", "none"):
        return None
    names = [name.strip() for name in settings.augmentation.split(",")]
    try:
        return data.image_augmentation(names)
    except ValueError as error:
        raise ValueError(
            '`--augmentation` must be "none" or some of '
            f"{', '.join(data.IMAGE_AUGMENTATIONS)}, each once, and color_jitter is "
            f"the first four that follow it. Received: {settings.augmentation}"
        ) from error
