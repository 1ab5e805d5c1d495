"""Training in bfloat16 and float16: what stays in float32, and what overflows."""

import contextlib

import keras
import numpy as np
import pytest

from crd_keras import losses
from crd_keras.backend import StepMixin, default_jit_compile
from crd_keras.training.optimizers import minimize, with_loss_scale
from tests import tiny

SOURCE, TARGET = tiny.images(4, seed=0), tiny.images(4, seed=1)
LossScaleOptimizer = keras.optimizers.LossScaleOptimizer

# Losses of an epoch of two steps in float32, as measured on PyTorch.
FLOAT32 = {
    "adversarial": 0.87466359,
    "discriminator": 0.44566154,
    "inverse_discriminator": 0.49973714,
    "loss": 1.84364939,
    "row_angle": 0.01341728,
    "row_distance": 0.01192487,
    "teacher_adversarial": 0.88897705,
    "teacher_cycle": 0.78933346,
    "teacher_identity": 0.76159406,
    "teacher_inverse_adversarial": 0.97429603,
    "teacher_inverse_cycle": 0.78062010,
    "teacher_inverse_identity": 0.77742577,
    "teacher_loss": 25.25790787,
}


@contextlib.contextmanager
def policy(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def fit(trainer, **arguments):
    arguments = {"batch_size": 2, "verbose": 0, "shuffle": False, **arguments}
    return trainer.fit(SOURCE, TARGET, **arguments).history


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def changed(before, variables):
    pairs = zip(before, values(variables), strict=True)
    return [not np.array_equal(a, b) for a, b in pairs]


def scale(optimizer):
    return float(optimizer.dynamic_scale.numpy())


def test_bfloat16():
    with policy("mixed_bfloat16"):
        trainer = tiny.trainer()
    history = fit(trainer)
    rates = {name for name in history if name.endswith("learning_rate")}
    assert set(history) - rates == set(FLOAT32)
    for name, expected in FLOAT32.items():
        received = history[name][0]
        assert received == pytest.approx(expected, rel=0.005), name
    # The networks did compute in bfloat16 ...
    assert trainer.student.get_layer("down").compute_dtype == "bfloat16"
    assert history["teacher_cycle"][0] != pytest.approx(0.78933346, rel=1e-5)
    # ... but whatever is kept is float32, and nothing can overflow.
    variables = (*trainer.variables, *trainer.optimizer.variables)
    assert {v.dtype for v in variables if "float" in v.dtype} == {"float32"}
    assert isinstance(trainer.student_optimizer, keras.optimizers.Adam)


@pytest.fixture(scope="module")
def overflowing():
    """A trainer in float16 and its weights from before a step that overflows."""
    with policy("mixed_float16"):
        trainer = tiny.trainer(discriminator_regime="updating")
    trainer.discriminator_optimizer.dynamic_scale.assign(2.0**100)
    trainer.student_optimizer.dynamic_scale.assign(2.0**100)
    networks = {
        "generators": trainer.teacher.generators,
        "discriminators": trainer.teacher.discriminators,
        "student": [trainer.student],
    }
    variables = {
        name: [v for model in models for v in model.trainable_variables]
        for name, models in networks.items()
    }
    before = {name: values(group) for name, group in variables.items()}
    trainer.generator_optimizer.dynamic_scale.assign(64.0)
    fit(trainer, steps_per_epoch=1)
    return trainer, variables, before


class TestFloat16:
    def test_a_step_that_overflows_is_left_out(self, overflowing):
        trainer, variables, before = overflowing
        assert all(changed(before["generators"], variables["generators"]))
        assert not any(changed(before["discriminators"], variables["discriminators"]))
        assert not any(changed(before["student"], variables["student"]))

    def test_the_scale_falls_for_each_optimizer_by_itself(self, overflowing):
        trainer, _, _ = overflowing
        assert scale(trainer.generator_optimizer) == 64.0
        assert scale(trainer.student_optimizer) == 2.0**99
        # Updated with the teacher, and again on the student's images.
        assert scale(trainer.discriminator_optimizer) == 2.0**98

    def test_it_trains_once_the_scale_has_fallen_enough(self, overflowing):
        trainer, variables, before = overflowing
        trainer.student_optimizer.dynamic_scale.assign(2.0**30)
        trainer.discriminator_optimizer.dynamic_scale.assign(2.0**30)
        history = fit(trainer, epochs=15)
        for name, group in variables.items():
            assert all(changed(before[name], group)), name
        assert 1 < scale(trainer.student_optimizer) < 2.0**30
        assert all(np.isfinite(x).all() for x in values(trainer.trainable_variables))
        assert np.isfinite(history["loss"]).all()

    def test_checkpoints_hold_the_scales(self, overflowing, tmp_path):
        trainer, _, _ = overflowing
        trainer.save(tmp_path / "trainer.keras")
        loaded = keras.saving.load_model(tmp_path / "trainer.keras")
        expected = values(trainer.optimizer.variables)
        assert not any(changed(expected, loaded.optimizer.variables))
        assert loaded.student.get_layer("down").compute_dtype == "float16"

    def test_one_layer_is_enough(self):
        layers = [keras.layers.Conv2D(3, 3, dtype=d) for d in ("float32", "bfloat16")]
        adam = keras.optimizers.Adam()
        assert with_loss_scale(adam, layers) is adam
        layers.append(keras.layers.Conv2D(3, 3, dtype="mixed_float16"))
        scaling = with_loss_scale(adam, layers)
        assert isinstance(scaling, LossScaleOptimizer)
        assert with_loss_scale(scaling, layers) is scaling


class Descent(StepMixin, keras.Model):
    """Minimises `factor * a^2` where `a` begins at 3."""

    def __init__(self, optimizer):
        super().__init__()
        self.a = self.add_weight(shape=(), initializer=keras.initializers.Constant(3.0))
        self.built = True
        optimizer.build([self.a])
        self.compile(optimizer=optimizer, jit_compile=default_jit_compile())

    def update(self, data):
        factor, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        # The sum of two halves.
        halves = minimize(
            [lambda factor: (keras.ops.mean(factor) * self.a**2 / 2,)] * 2,
            (factor,),
            [self.a],
            self.optimizer,
        )
        loss = sum(half for (half,) in halves)
        return {"loss": loss}


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.1, loss_scale_factor=1024.0),
        lambda: LossScaleOptimizer(keras.optimizers.SGD(0.1), 1024.0),
    ],
)
def test_the_scale_is_divided_out_again(optimizer):
    model = Descent(optimizer())
    logs = model.train_on_batch(np.ones((1, 1), "float32"), return_dict=True)
    assert logs["loss"] == 9.0
    assert float(model.a.numpy()) == pytest.approx(3 - 0.1 * 6)


def test_infinite_gradients_are_left_out():
    model = Descent(LossScaleOptimizer(keras.optimizers.SGD(0.1), 1024.0))
    model.train_on_batch(np.full((1, 1), np.inf, "float32"))
    assert float(model.a.numpy()) == 3.0
    assert scale(model.optimizer) == 512.0


def test_losses_of_float16_images_are_float32():
    images = keras.ops.convert_to_tensor(SOURCE[:2], "float16")
    other = keras.ops.convert_to_tensor(TARGET[:2], "float16")
    inputs = keras.Input((None, None, 3))
    conv = keras.layers.Conv2D(2, 3, dtype="float16")(inputs)
    features = keras.Model(inputs, [conv, keras.layers.ReLU(dtype="float16")(conv)])
    for loss in (
        losses.ContentRelationLoss("row"),
        losses.PerceptualLoss(features),
    ):
        value, terms = loss.value_and_terms(images, other)
        for x in (value, *terms.values()):
            assert keras.backend.standardize_dtype(x.dtype) == "float32"
