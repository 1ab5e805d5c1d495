"""How exact a translation is where the right answer is known."""

from typing import NamedTuple

import numpy as np


class TwinScore(NamedTuple):
    """What `twin_score` measures, all in grey levels of 255.

    Attributes:
        twin_error: Mean absolute difference to the right translation, of the object.
        object_change: Mean absolute change of the object.
        background_change: Mean absolute change of everything else. A perfect
            translation has 0.
    """

    twin_error: float
    object_change: float
    background_change: float


def twin_score(
    images: np.ndarray, translated: np.ndarray, twins: np.ndarray, masks: np.ndarray
) -> TwinScore:
    """Scores translations of images whose right translations are known.

    Args:
        images: Source images, `(count, height, width, channels)` in [-1, 1].
        translated: Their translations, as `images`.
        twins: Their right translations, as `images`.
        masks: Where the objects to translate are, `(count, height, width)` of bool.

    Raises:
        ValueError: If the shapes do not fit.
    """
    shapes = [np.shape(x) for x in (images, translated, twins)]
    if len(set(shapes)) > 1 or np.shape(masks) != shapes[0][:3]:
        raise ValueError(
            "`images`, `translated` and `twins` must be of one shape and `masks` of "
            f"its first three axes. Received: {shapes} and {np.shape(masks)}"
        )
    masks = np.asarray(masks, bool)
    change = 127.5 * np.abs(np.float64(translated) - images).mean(axis=-1)
    error = 127.5 * np.abs(np.float64(translated) - twins).mean(axis=-1)
    return TwinScore(error[masks].mean(), change[masks].mean(), change[~masks].mean())
