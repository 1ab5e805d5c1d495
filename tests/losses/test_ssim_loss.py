"""The SSIM loss against scikit-image's structural similarity."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from crd_keras.losses import SSIMLoss
from crd_keras.metrics import SSIM
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

SHAPE = (2, 16, 20, 3)


def reference(teacher, student, value_range=(-1, 1)):
    least, greatest = value_range
    similarities = [
        structural_similarity(
            np.float64(t) - least,
            np.float64(s) - least,
            channel_axis=-1,
            data_range=greatest - least,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for t, s in zip(teacher, student, strict=True)
    ]
    return 1 - np.mean(similarities)


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1)])
def test_against_scikit_image(value_range):
    check_value_and_gradient(
        SSIMLoss(value_range),
        lambda teacher, student: reference(teacher, student, value_range),
        noise(SHAPE, 0),
        smooth(SHAPE, 1),
    )


def test_alike_flat_and_distant_images_in_float32():
    shape = SHAPE[1:]
    blurred, white = smooth((1, *shape), 0), flat(shape, 1.0)
    pairs = [
        (blurred, blurred + np.float32(0.01) * noise((1, *shape), 1)),
        (blurred, -blurred),
        (white, white - np.float32(0.02) * np.abs(noise((1, *shape), 2))),
        (white, flat(shape, 0.5)),
        (white, flat(shape, -1.0)),
        (flat(shape, -1.0), blurred),
    ]
    teachers, students = (np.concatenate(x) for x in zip(*pairs, strict=True))
    losses = np.array(SSIMLoss().terms(teachers, students)["ssim_loss"])
    expected = [reference(t, s) for t, s in pairs]
    np.testing.assert_allclose(losses, expected, rtol=1e-5, atol=1e-6)


def test_as_the_metric():
    # Grey levels of whole numbers, which the metric's rounding leaves alone.
    images, targets = (np.round(noise(SHAPE, i) * 127.5 + 127.5) for i in (0, 1))
    images, targets = (np.float32(x / 127.5 - 1) for x in (images, targets))
    metric = SSIM()
    metric.update_state(images, targets)
    loss = float(SSIMLoss()(targets, images))
    assert loss == pytest.approx(1 - metric.result(), rel=1e-5)


def test_equal_and_flat_images():
    shape = SHAPE[1:]
    images = np.concatenate([flat(shape, 1.0, 0.0, -1.0), noise((1, *shape), 0)])
    loss = SSIMLoss()
    value, gradient = value_and_gradient(lambda x: loss(images, x), images)
    assert abs(value) < 1e-6
    np.testing.assert_allclose(gradient, 0, atol=1e-7)
    _, gradient = value_and_gradient(lambda x: loss(images, x), images[::-1].copy())
    assert np.isfinite(gradient).all()
    assert gradient.any()


def test_layout_reduction_and_config():
    check_channels_first(SSIMLoss, SHAPE)
    check_each_image_by_itself(SSIMLoss, SHAPE[1:])
    check_config_round_trip(SSIMLoss((0.0, 255.0), "channels_first", "sum", "similar"))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`value_range` must.*value_range=\(1, 1\)"):
        SSIMLoss((1, 1))
    with pytest.raises(ValueError, match="at least 11 pixels.*height 16, width 8"):
        SSIMLoss()(np.ones((1, 16, 8, 3)), np.ones((1, 16, 8, 3)))
    with pytest.raises(ValueError, match="same shape.*2, 16, 20, 3.*1, 16, 20, 3"):
        SSIMLoss()(np.ones(SHAPE), np.ones((1, 16, 20, 3)))
