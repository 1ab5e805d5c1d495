"""The wavelet loss against PyWavelets' transform."""

import numpy as np
import pytest
import pywt

from crd_keras.losses import WaveletLoss
from tests.gradients import value_and_gradient
from tests.losses.image_loss_checks import (
    check_channels_first,
    check_config_round_trip,
    check_each_image_by_itself,
    check_value_and_gradient,
    flat,
    noise,
    smooth,
)

SHAPE = (2, 16, 24, 3)


def reference(teacher, student, levels, size=np.abs):
    losses = []
    for images in zip(teacher, student, strict=True):
        theirs, ours = (
            pywt.wavedec2(x, "haar", mode="zero", level=levels, axes=(0, 1))
            for x in images
        )
        # The first are the averages, which are not compared.
        details = zip(theirs[1:], ours[1:], strict=True)
        losses.append(sum(size(np.subtract(s, t)).mean() for t, s in details))
    return np.mean(losses)


@pytest.mark.parametrize("make", [noise, smooth])
@pytest.mark.parametrize("levels", [1, 3])
def test_against_pywavelets(make, levels):
    check_value_and_gradient(
        WaveletLoss(levels),
        lambda teacher, student: reference(teacher, student, levels),
        make(SHAPE, 0),
        make(SHAPE, 1),
    )


def test_the_squares_of_the_program():
    check_value_and_gradient(
        WaveletLoss(3, norm="l2"),
        lambda teacher, student: reference(teacher, student, 3, np.square),
        noise(SHAPE, 0),
        noise(SHAPE, 1),
    )


def test_four_levels_are_the_default():
    shape = (1, 32, 48, 3)
    teacher, student = noise(shape, 0), noise(shape, 1)
    value = float(WaveletLoss()(teacher, student))
    assert value == pytest.approx(reference(teacher, student, levels=4), rel=1e-5)


def test_colours_are_not_compared():
    shape = SHAPE[1:]
    teacher, student = flat(shape, 0.7, -1.0), flat(shape, -0.2, 1.0)
    value, gradient = value_and_gradient(
        lambda x: WaveletLoss(levels=3)(teacher, x), student
    )
    assert value < 1e-6
    assert np.isfinite(gradient).all()


def test_layout_reduction_and_config():
    check_channels_first(lambda **layout: WaveletLoss(3, **layout), SHAPE)
    check_each_image_by_itself(lambda **how: WaveletLoss(3, **how), SHAPE[1:])
    check_config_round_trip(WaveletLoss(2, "l2", "channels_first", "sum", "details"))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`levels` must be at least 1. Received: 0"):
        WaveletLoss(0)
    with pytest.raises(ValueError, match="`norm` must be one of.*Received: norm='l3'"):
        WaveletLoss(norm="l3")
    message = "`levels=4` needs.*multiples of 16. Received: images of 16 x 24 pixels"
    with pytest.raises(ValueError, match=message):
        WaveletLoss()(np.ones(SHAPE), np.ones(SHAPE))
    with pytest.raises(ValueError, match="same shape.*2, 16, 24, 3.*1, 16, 24, 3"):
        WaveletLoss()(np.ones(SHAPE), np.ones((1, 16, 24, 3)))
