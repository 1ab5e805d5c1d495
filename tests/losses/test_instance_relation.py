"""Relations between the images of a batch against their definition."""

import keras
import numpy as np
import pytest

from crd_keras.losses import ContentRelationLoss, InstanceRelationLoss
from tests import tiny
from tests.gradients import value_and_gradient
from tests.losses.image_loss_checks import (
    check_config_round_trip,
    check_value_and_gradient,
    flat,
    noise,
    smooth,
)
from tests.losses.relation_reference import relation_terms

SHAPE = (5, 6, 8, 3)


def reference(teacher, student, distance_weight=1.0, angle_weight=2.0):
    """The images are the rows of one image that is one pixel wide."""
    as_rows = (x.reshape(len(x), 1, -1) for x in (teacher, student))
    distance, angle = relation_terms(*as_rows, "row", 1)
    return distance_weight * distance + angle_weight * angle


@pytest.mark.parametrize("make", [noise, smooth])
def test_against_the_definition(make):
    check_value_and_gradient(
        InstanceRelationLoss(), reference, make(SHAPE, 0), make(SHAPE, 1)
    )


def test_terms_and_weights():
    loss = InstanceRelationLoss(distance_weight=25.0, angle_weight=50.0)
    teacher, student = noise(SHAPE, 0), smooth(SHAPE, 1)
    value, terms = loss.value_and_terms(teacher, student)
    assert float(terms["instance_distance"]) == pytest.approx(
        reference(teacher, student, 1, 0), rel=1e-5
    )
    assert float(terms["instance_angle"]) == pytest.approx(
        reference(teacher, student, 0, 1), rel=1e-5
    )
    assert float(value) == pytest.approx(reference(teacher, student, 25, 50), rel=1e-5)
    assert float(loss(teacher, student)) == pytest.approx(float(value), rel=1e-6)


def test_by_default_weighted_as_contents_are():
    ours, theirs = InstanceRelationLoss(), ContentRelationLoss("row")
    assert [*ours.term_weights.values()] == [*theirs.term_weights.values()]


def test_equal_images_are_finite():
    images = noise(SHAPE, 0)
    alike = flat(SHAPE[1:], *[1.0] * len(images))
    nearly = np.concatenate([images[:1], alike[1:]])
    loss = InstanceRelationLoss()
    pairs = [(alike, nearly), (nearly, nearly), (images, nearly), (nearly, alike)]
    teachers, students = map(np.stack, zip(*pairs, strict=True))

    def losses(x):
        return keras.ops.stack([loss(t, s) for t, s in zip(teachers, x, strict=True)])

    def total(x):
        return keras.ops.sum(losses(keras.ops.unstack(x, len(pairs))))

    values = keras.ops.convert_to_numpy(losses(students))
    assert np.isfinite(values).all()
    assert min(values[0], values[2], values[3]) > 0.1
    _, gradients = value_and_gradient(total, students)
    assert np.isfinite(gradients).all()
    # There is no direction in which equal images would become different.
    assert not gradients[3].any()


def test_a_last_batch_of_another_size():
    # TensorFlow compiles the step for batches of any size.
    source, target = tiny.images(7, seed=0), tiny.images(7, seed=1)
    trainer = tiny.trainer(
        paired=True, distillation_losses={"relation": InstanceRelationLoss()}
    )
    evaluated = trainer.evaluate(
        source, target, batch_size=4, return_dict=True, verbose=0
    )
    teacher, student = (
        keras.ops.convert_to_numpy(network(source))
        for network in (trainer.teacher.generator, trainer.student)
    )
    expected = [
        reference(teacher[i], student[i], 1, 0) for i in (slice(0, 4), slice(4, 7))
    ]
    assert evaluated["instance_distance"] == pytest.approx(np.mean(expected), rel=1e-4)


def test_config_round_trip():
    check_config_round_trip(InstanceRelationLoss(25.0, 50.0, "rkd"))


@pytest.mark.parametrize("count", [1, 2])
def test_too_small_batches_are_refused(count):
    images = noise(SHAPE, 0)[:count]
    with pytest.raises(ValueError, match=f"at least 3.*larger.*a batch of {count}$"):
        InstanceRelationLoss()(images, images)


def test_images_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="same shape.*5, 6, 8, 3.*4, 6, 8, 3"):
        InstanceRelationLoss()(noise(SHAPE, 0), noise(SHAPE, 1)[:4])
