import numpy as np
import pytest

from crd_keras.losses import PixelLoss
from tests.gradients import value_and_gradient
from tests.losses.image_loss_checks import (
    check_config_round_trip,
    check_each_image_by_itself,
    check_value_and_gradient,
    flat,
    noise,
)

SHAPE = (2, 6, 8, 3)
REFERENCES = {
    "l1": lambda teacher, student: np.abs(student - teacher).mean(),
    "l2": lambda teacher, student: ((student - teacher) ** 2).mean(),
}


@pytest.mark.parametrize("norm", REFERENCES)
def test_against_the_definition(norm):
    loss = PixelLoss(norm)
    check_value_and_gradient(loss, REFERENCES[norm], noise(SHAPE, 0), noise(SHAPE, 1))
    _, terms = loss.value_and_terms(noise(SHAPE, 0), noise(SHAPE, 1))
    assert list(terms) == [f"pixel_{norm}"]


@pytest.mark.parametrize("norm", REFERENCES)
def test_equal_images_stand_still(norm):
    images = flat(SHAPE[1:], -1.0, 1.0)
    value, gradient = value_and_gradient(lambda x: PixelLoss(norm)(images, x), images)
    assert value == 0
    assert not gradient.any()


def test_reduction_and_config():
    check_each_image_by_itself(PixelLoss, SHAPE[1:])
    check_config_round_trip(PixelLoss("l2", "sum", "colours"))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`norm` must be.*'l1'.*norm='l3'"):
        PixelLoss("l3")
    with pytest.raises(ValueError, match="same shape.*2, 6, 8, 3.*2, 6, 9, 3"):
        PixelLoss()(np.ones(SHAPE), np.ones((2, 6, 9, 3)))
