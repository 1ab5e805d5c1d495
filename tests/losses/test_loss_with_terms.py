"""The protocol that all distillation losses share in the trainer."""

import keras
import numpy as np
import pytest
from keras import ops

from crd_keras import gans, losses
from crd_keras.losses.loss_with_terms import with_terms
from crd_keras.losses.teacher_term import TeacherTerm
from tests import tiny

TEACHER, STUDENT = tiny.images(2, seed=0), tiny.images(2, seed=1)


def power(images):
    return ops.mean(ops.square(images))


class Statistics:
    """A loss of two terms that is neither an `ImageLoss` nor a Keras loss."""

    term_weights = {"brightness": 2.0, "power": 0.5}
    layers = ()
    networks = ()

    def check_images(self, image_shape):
        """All do."""

    def teacher_terms(self):
        return {"power": TeacherTerm(power)}

    def value_and_terms(self, teacher, student, teacher_terms):
        terms = {
            "brightness": ops.square(ops.mean(teacher) - ops.mean(student)),
            "power": teacher_terms["power"] + power(student),
        }
        return sum(self.term_weights[k] * v for k, v in terms.items()), terms


def test_any_object_with_the_protocol_distils():
    trainer = tiny.trainer(
        paired=True,
        distillation_losses={
            "statistics": Statistics(),
            "features": losses.ChannelDistillation(["down"]),
            "pixels": keras.losses.MeanAbsoluteError(),
        },
        adversarial_weight=0.0,
    )
    logs = trainer.evaluate(TEACHER, STUDENT, verbose=0, return_dict=True)
    terms = 2 * logs["brightness"] + 0.5 * logs["power"]
    assert terms > 0 and logs["features"] > 0 and logs["pixels"] > 0
    expected = terms + logs["features"] + logs["pixels"]
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_features_alone():
    """No loss uses the student's images."""
    trainer = tiny.trainer(
        paired=True,
        distillation_losses={"features": losses.ChannelDistillation(["down"])},
        discriminator_regime="none",
    )
    before = [np.array(w) for w in trainer.student.get_weights()]
    history = trainer.fit(TEACHER, STUDENT, batch_size=2, verbose=0).history
    assert history["loss"] == history["features"]
    changed = [
        not np.array_equal(old, new)
        for old, new in zip(before, trainer.student.get_weights(), strict=True)
    ]
    assert changed == [True, True, False, False]  # Only the layer "down".


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
def test_a_keras_loss_is_one_term(reduction):
    loss = keras.losses.MeanSquaredError(reduction=reduction)
    value, terms = with_terms(loss).value_and_terms(TEACHER, STUDENT)
    assert terms == {}
    errors = np.square(np.float64(TEACHER) - STUDENT).mean(axis=-1)
    expected = errors.sum() if reduction == "sum" else errors.mean()
    assert float(value) == pytest.approx(expected, rel=1e-6)


def test_losses_with_terms_stay_as_they_are():
    for loss in (
        losses.PixelLoss(),
        losses.ChannelDistillation(["down"]),
        Statistics(),
    ):
        assert with_terms(loss) is loss


def test_a_subclass_that_defines_too_little_says_so():
    class Image(losses.ImageLoss):
        term_weights = {"nothing": 1.0}

    class Feature(losses.FeatureLoss):
        pass

    class Teacher(gans.Teacher):
        pass

    with pytest.raises(NotImplementedError, match="Image must define `terms`"):
        Image("image").value_and_terms(TEACHER, STUDENT)
    feature = Feature(["down"], None, "feature")
    with pytest.raises(NotImplementedError, match="Feature must define `make_adapter`"):
        feature.connect(tiny.generator(8, seed=0), tiny.generator(4, seed=1))
    with pytest.raises(NotImplementedError, match="Feature must define `difference`"):
        feature.difference(TEACHER, STUDENT)
    teacher = Teacher()
    for name in ("generators", "discriminators", "generator_losses"):
        with pytest.raises(NotImplementedError, match=f"Teacher must define `{name}`"):
            getattr(teacher, name)
    with pytest.raises(NotImplementedError, match="must define `discriminator_loss`"):
        teacher.discriminator_loss(TEACHER, STUDENT, {})
    with pytest.raises(NotImplementedError, match="must define `discriminate`"):
        teacher.discriminate(TEACHER, STUDENT)
