"""Numbers that no argument can mean are refused where they are given."""

import numpy as np
import pytest

from crd_keras import gans, losses, models
from crd_keras.data.edges import edges_source
from crd_keras.layers import InstanceNormalization
from crd_keras.models.seeds import SeededNormal
from crd_keras.schedules import LinearDecay
from crd_keras.utils.validation import (
    check_above,
    check_at_least,
    check_finite,
    check_rate,
    check_whole,
)
from tests import tiny

pytestmark = pytest.mark.any_backend

NAN, INFINITY = float("nan"), float("inf")


def refusal(function, *arguments, **named):
    """What is said against the arguments; `None` if nothing is."""
    try:
        function(*arguments, **named)
    except ValueError as error:
        return str(error)


def test_checks_name_the_argument_and_what_it_was():
    assert refusal(check_finite, a=0, b=NAN) == "`b` must be finite. Received: nan"
    assert refusal(check_finite, a=-INFINITY) == "`a` must be finite. Received: -inf"
    assert refusal(check_finite, a="1") == "`a` must be a number. Received: '1'"
    assert refusal(check_finite, a=None) == "`a` must be a number. Received: None"
    assert refusal(check_at_least, 1, a=1, b=0) == (
        "`b` must be at least 1. Received: 0"
    )
    assert refusal(check_at_least, 0, a=NAN) == "`a` must be finite. Received: nan"
    assert refusal(check_above, 0, a=0.0) == "`a` must be above 0. Received: 0.0"
    assert refusal(check_rate, a=1.0) == "`a` must be below 1. Received: 1.0"
    assert refusal(check_whole, 1, a=1.0) == (
        "`a` must be an integer of at least 1. Received: 1.0"
    )
    assert refusal(check_at_least, 1, **{"--epochs": 0}) == (
        "`--epochs` must be at least 1. Received: 0"
    )


def test_checks_let_through_what_is_right():
    check_finite(a=-1e30, b=np.float32(2))
    check_at_least(0, a=0, b=np.float64(0))
    check_above(0, a=1e-30)
    check_rate(a=0, b=0.999)
    check_whole(0, a=0, b=np.int64(3))


# What makes something with weights, and their names. A weight of 0 leaves a term out.
WEIGHTS = {
    "content_relation": (
        losses.ContentRelationLoss,
        ("distance_weight", "angle_weight"),
    ),
    "instance_relation": (
        losses.InstanceRelationLoss,
        ("distance_weight", "angle_weight"),
    ),
    "perceptual": (
        lambda **a: losses.PerceptualLoss(_features(), **a),
        ("style_weight", "feature_weight"),
    ),
    "cycle_gan": (tiny.teacher, ("cycle_weight", "identity_weight")),
    "pix2pix": (
        lambda **a: gans.Pix2Pix(tiny.generator(2, 0), _pair_discriminator(), **a),
        ("l1_weight",),
    ),
    "trainer": (
        lambda **a: tiny.trainer(compiled=False, **a),
        ("adversarial_weight",),
    ),
}


def _features():
    return models.vgg16_features(weights=None, blocks=2, seed=0)


def _pair_discriminator():
    return models.patch_discriminator((None, None, 6), filters=2, layers=1)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name):
    make, arguments = WEIGHTS[name]
    for argument in arguments:
        for value, problem in (
            (NAN, "must be finite. Received: nan"),
            (INFINITY, "must be finite. Received: inf"),
            (-1.0, "must be at least 0. Received: -1.0"),
        ):
            assert refusal(make, **{argument: value}) == f"`{argument}` {problem}"
        assert refusal(make, **{argument: 0.0}) is None


def test_weights_of_distillation():
    for value in (NAN, INFINITY, -1.0):
        message = refusal(
            tiny.trainer, compiled=False, distillation_loss_weights={"relation": value}
        )
        assert message.startswith("`distillation_loss_weights['relation']` must be ")
        assert message.endswith(f"Received: {value}")


@pytest.mark.parametrize("value", [NAN, INFINITY, -1e-3, 0.0])
@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda x: LinearDecay(x, 1, 1), "initial_learning_rate"),
        (lambda x: InstanceNormalization(epsilon=x), "epsilon"),
        (lambda x: edges_source("a", "b", sigma=x), "sigma"),
    ],
)
def test_what_has_to_be_positive(make, argument, value):
    message = refusal(make, value)
    assert message.startswith(f"`{argument}` must be ")
    assert message.endswith(f"Received: {value}")


@pytest.mark.parametrize("value", [NAN, INFINITY, -0.5, 1.0])
@pytest.mark.parametrize(
    "make",
    [
        models.resnet_generator,
        models.mobile_resnet_generator,
        models.unet_generator,
    ],
)
def test_dropout_is_a_rate(make, value):
    message = refusal(make, filters=2, dropout=value)
    assert message.startswith("`dropout` must be ")
    assert message.endswith(f"Received: {value}")


def test_random_weights():
    assert refusal(SeededNormal, NAN) == "`mean` must be finite. Received: nan"
    assert refusal(SeededNormal, 0.0, -1.0) == (
        "`stddev` must be at least 0. Received: -1.0"
    )


def test_range_of_ssim():
    message = "`value_range[1]` must be finite. Received: inf"
    assert refusal(losses.SSIMLoss, value_range=(0.0, INFINITY)) == message
