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


def inverse_distances(x: np.ndarray) -> np.ndarray:
    """0 between contents that are the same up to float32's rounding."""
    distance = np.linalg.norm(x[:, None] - x[None], axis=-1)
    smallest = 1e-6 * np.abs(x).max() * x.shape[1] ** 0.5
    apart = distance > smallest
    return np.divide(1, distance, out=np.zeros_like(distance), where=apart)


def unit_differences(x: np.ndarray) -> np.ndarray:
    return (x[None] - x[:, None]) * inverse_distances(x)[..., None]


def cosines(x: np.ndarray) -> np.ndarray:
    unit = unit_differences(x)
    return unit @ unit.swapaxes(1, 2)


def relation_terms(
    teacher: np.ndarray, student: np.ndarray, content: str, patch_size: int
) -> tuple[float, float]:
    """Distance and angle loss of one image pair."""
    t, s = (split(np.float64(x), content, patch_size) for x in (teacher, student))
    distance = huber(distances(s) - distances(t)).mean()
    angle = huber(cosines(s) - cosines(t)).mean()
    return distance, angle


def relation_gradient(
    teacher: np.ndarray, student: np.ndarray, content: str, patch_size: int
) -> np.ndarray:
    """Gradient of distance loss + 2 angle loss to the student's image."""
    t, s = (split(np.float64(x), content, patch_size) for x in (teacher, student))
    gradient = _distance_gradient(t, s) + 2 * _angle_gradient(t, s)
    # Where each content's numbers lie in the image.
    places = split(np.arange(student.size).reshape(student.shape), content, patch_size)
    image = np.zeros(student.size)
    image[places] = gradient
    return image.reshape(student.shape)


def _distance_gradient(t, s):
    count, relative = len(s), distances(s)
    derivative = np.clip(relative - distances(t), -1, 1) / count**2
    lengths = np.linalg.norm(s[:, None] - s[None], axis=-1)
    pairs = count * (count - 1)
    mean = lengths.sum() / pairs
    # The mean moves with each distance.
    derivative = (derivative - (derivative * relative).sum() / pairs) / mean
    return -2 * np.einsum("ij,ijd->id", derivative, unit_differences(s))


def _angle_gradient(t, s):
    unit = unit_differences(s)
    derivative = np.clip(cosines(s) - cosines(t), -1, 1) / len(s) ** 3
    turn = 2 * derivative @ unit
    # Along itself a leg turns nothing.
    turn = turn - np.sum(turn * unit, axis=-1, keepdims=True) * unit
    turn = turn * inverse_distances(s)[..., None]
    return turn.sum(axis=0) - turn.sum(axis=1)
