import numpy as np
import pytest

from crd_keras.losses import TotalVariationLoss
from tests.gradients import value_and_gradient
from tests.losses.image_loss_checks import (
    check_channels_first,
    check_config_round_trip,
    check_each_image_by_itself,
    check_value_and_gradient,
    flat,
    noise,
)

SHAPE = (2, 6, 8, 3)


def reference(teacher, student):
    rows = np.abs(student[:, 1:] - student[:, :-1]).sum()
    columns = np.abs(student[:, :, 1:] - student[:, :, :-1]).sum()
    return (rows + columns) / len(student)


def test_against_the_definition():
    loss = TotalVariationLoss()
    check_value_and_gradient(loss, reference, noise(SHAPE, 0), noise(SHAPE, 1))


def test_a_chess_board():
    # Each pair of neighbours differs by 2: 5 * 8 pairs above each other, 6 * 7 beside.
    board = np.indices((6, 8)).sum(axis=0) % 2 * 2.0 - 1
    images = board[None, :, :, None].astype("float32")
    value, gradient = value_and_gradient(
        lambda x: TotalVariationLoss()(images, x), images
    )
    assert value == 2 * (5 * 8 + 6 * 7)
    neighbours = np.full((6, 8), 4.0)
    neighbours[[0, -1]] -= 1
    neighbours[:, [0, -1]] -= 1
    np.testing.assert_array_equal(gradient[0, ..., 0], neighbours * board)


def test_flat_images_stand_still():
    images = flat(SHAPE[1:], -1.0, 0.3)
    value, gradient = value_and_gradient(
        lambda x: TotalVariationLoss()(noise(SHAPE, 0), x), images
    )
    assert value == 0
    assert not gradient.any()


def test_layout_reduction_and_config():
    check_channels_first(TotalVariationLoss, SHAPE)
    check_each_image_by_itself(TotalVariationLoss, SHAPE[1:])
    check_config_round_trip(TotalVariationLoss("channels_first", "sum", "tv"))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`data_format` must.*'NHWC'"):
        TotalVariationLoss("NHWC")
    with pytest.raises(ValueError, match="same shape.*2, 6, 8, 3.*2, 6, 9, 3"):
        TotalVariationLoss()(np.ones(SHAPE), np.ones((2, 6, 9, 3)))
