"""The relation losses in float64 NumPy, straight from their definition."""

import numpy as np


def split(image: np.ndarray, content: str, patch_size: int) -> np.ndarray:
    """The contents of one image `(H, W, C)` as rows of a matrix `(N, D)`."""
    height, width, _ = image.shape
    if content == "row":
        return np.stack([image[i].ravel() for i in range(height)])
    if content == "column":
        return np.stack([image[:, i].ravel() for i in range(width)])
    s = patch_size
    return np.stack(
        [
            image[i : i + s, j : j + s].ravel()
            for i in range(0, height, s)
            for j in range(0, width, s)
        ]
    )


def huber(error: np.ndarray) -> np.ndarray:
    size = np.abs(error)
    return np.where(size <= 1, size**2 / 2, size - 0.5)


def distances(x: np.ndarray) -> np.ndarray:
    d = np.linalg.norm(x[:, None] - x[None], axis=-1)
    mean = d.sum() / (len(x) * (len(x) - 1))
    return d / mean if mean > 0 else d


def cosines(x: np.ndarray) -> np.ndarray:
    difference = x[None] - x[:, None]
    norm = np.linalg.norm(difference, axis=-1, keepdims=True)
    unit = np.divide(difference, norm, out=np.zeros_like(difference), where=norm > 1e-3)
    return np.einsum("ijd,ikd->ijk", unit, unit)


def relation_terms(
    teacher: np.ndarray, student: np.ndarray, content: str, patch_size: int
) -> tuple[float, float]:
    """Distance and angle loss of one image pair."""
    t, s = (split(np.float64(x), content, patch_size) for x in (teacher, student))
    distance = huber(distances(s) - distances(t)).mean()
    angle = huber(cosines(s) - cosines(t)).mean()
    return distance, angle
