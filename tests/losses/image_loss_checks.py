"""What is checked of each loss between images."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from scipy import ndimage

from crd_keras.losses import ImageLoss
from tests.gradients import value_and_gradient


def noise(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def smooth(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Blurred noise in [-1, 1]."""
    images = ndimage.gaussian_filter(
        np.random.default_rng(seed).normal(size=shape), (0, 3, 3, 0)
    )
    return (images / np.abs(images).max()).astype("float32")


def flat(shape: tuple[int, ...], *values: float) -> np.ndarray:
    """One image of a single colour for each of the values."""
    return np.stack([np.full(shape, value, "float32") for value in values])


def check_value_and_gradient(
    loss: ImageLoss, reference: Callable, teacher: np.ndarray, student: np.ndarray
) -> None:
    """Against a float64 function of teacher and student images, and its gradient."""
    value, gradient = value_and_gradient(lambda x: loss(teacher, x), student)
    teacher, student = np.float64(teacher), np.float64(student)
    assert value == pytest.approx(reference(teacher, student), rel=1e-5)
    rng = np.random.default_rng(2)
    pixel = np.zeros(student.shape)
    pixel[tuple(rng.integers(student.shape))] = 1
    for direction in (rng.normal(size=student.shape), pixel):
        step = 1e-6 * direction
        expected = reference(teacher, student + step) - reference(
            teacher, student - step
        )
        # Relative to the usual size of a derivative: a single one may be close to 0.
        usual = (
            np.linalg.norm(gradient) * np.linalg.norm(direction) / gradient.size**0.5
        )
        assert np.sum(gradient * direction) == pytest.approx(
            expected / 2e-6, abs=1e-3 * usual
        )


def check_channels_first(make: Callable[..., ImageLoss], shape: tuple) -> None:
    """The same value from images in the other layout."""
    images = noise(shape, 0), noise(shape, 1)
    expected = make(data_format="channels_last")(*images)
    result = make(data_format="channels_first")(
        *(x.transpose(0, 3, 1, 2) for x in images)
    )
    assert float(result) == pytest.approx(float(expected), rel=1e-6)


def check_each_image_by_itself(make: Callable[..., ImageLoss], shape: tuple) -> None:
    """The mean, or sum, of the losses of one image at a time."""
    teacher, student = noise((3, *shape), 0), smooth((3, *shape), 1)
    alone = [float(make()(teacher[i : i + 1], student[i : i + 1])) for i in range(3)]
    assert float(make()(teacher, student)) == pytest.approx(np.mean(alone), rel=1e-6)
    total = make(reduction="sum")(teacher, student)
    assert float(total) == pytest.approx(np.sum(alone), rel=1e-6)


def check_config_round_trip(loss: ImageLoss) -> None:
    config = keras.saving.serialize_keras_object(loss)
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is type(loss)
    assert restored.get_config() == loss.get_config()
    assert restored.term_weights == loss.term_weights
