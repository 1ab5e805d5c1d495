"""How exact a translation is where the ground truth is known."""

from typing import NamedTuple

import numpy as np

from crd_keras.utils.images import PIXELS_PER_UNIT


class GroundTruthScore(NamedTuple):
    """What `ground_truth_score` measures, all in grey levels of 255.

    Attributes:
        object_error: Mean absolute difference of the object to the ground truth.
        object_change: Mean absolute change of the object.
        background_change: Mean absolute change of everything else. A perfect
            translation has 0.
    """

    object_error: float
    object_change: float
    background_change: float


def ground_truth_score(
    images: np.ndarray,
    translated: np.ndarray,
    ground_truth: np.ndarray,
    masks: np.ndarray,
) -> GroundTruthScore:
    """Scores translations of images whose ground truth is known.

    Args:
        images: Source images, `(count, height, width, channels)` in [-1, 1].
        translated: Their translations, as `images`.
        ground_truth: Their right translations, as `images`.
        masks: Where the objects to translate are, `(count, height, width)` of bool.

    Raises:
        ValueError: If the shapes do not fit.
    """
    shapes = [np.shape(x) for x in (images, translated, ground_truth)]
    if len(set(shapes)) > 1 or np.shape(masks) != shapes[0][:3]:
        raise ValueError(
            "`images`, `translated` and `ground_truth` must be of one shape and "
            "`masks` of its first three axes. "
            f"Received: {shapes} and {np.shape(masks)}"
        )
    masks = np.asarray(masks, bool)
    change = PIXELS_PER_UNIT * np.abs(np.float64(translated) - images).mean(axis=-1)
    error = PIXELS_PER_UNIT * np.abs(np.float64(translated) - ground_truth).mean(
        axis=-1
    )
    return GroundTruthScore(
        error[masks].mean(), change[masks].mean(), change[~masks].mean()
    )
