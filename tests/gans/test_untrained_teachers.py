"""Teachers that stay as they are: any Keras model, or images made before."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, Student, gans, losses, models, translate
from crd_keras.callbacks import BestTeacher, ImageGrid
from crd_keras.losses import ChannelDistillation, PixelLoss
from crd_keras.metrics import SlicedWasserstein
from crd_keras.schedules import Phased
from crd_keras.utils.images import from_pixels, to_uint8
from tests import tiny

SOURCE, TARGET = tiny.images(4, seed=0), tiny.images(4, seed=1)


def teachers_generator(seed=1):
    return tiny.generator(8, seed=seed)


def other_architecture():
    """Sequential, with a batch norm and dropout, from [0, 1] to [0, 1]."""
    initializer = keras.initializers.RandomNormal(0.0, 0.2, seed=3)
    return keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Rescaling(0.5, offset=0.5),
            keras.layers.SeparableConv2D(
                5,
                3,
                padding="same",
                depthwise_initializer=initializer,
                pointwise_initializer=initializer,
            ),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Conv2D(3, 1, kernel_initializer=initializer),
            keras.layers.Activation("sigmoid"),
            keras.layers.Rescaling(2.0, offset=-1.0),
        ]
    )


def make_trainer(teacher, **arguments):
    trainer = CRDTrainer(
        teacher,
        tiny.generator(4, seed=5),
        **{
            "distillation_losses": {
                "relation": losses.ContentRelationLoss(("row", "patch"), patch_size=8),
                "l1": PixelLoss("l1"),
            },
            **arguments,
        },
    )
    trainer.compile()
    return trainer


def history(trainer, *data, epochs=3, **arguments):
    logs = trainer.fit(
        *data, batch_size=2, epochs=epochs, verbose=0, shuffle=False, **arguments
    ).history
    return {name: values for name, values in logs.items() if "rate" not in name}


def values(model):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in model.variables]


def same(before, after):
    return all(a.tobytes() == b.tobytes() for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("regime", ["none", "updating"])
def test_stored_images_give_the_losses_of_their_teacher(regime):
    cycle_gan = make_trainer(
        tiny.teacher(), schedule="student_only", discriminator_regime=regime
    )
    expected = history(cycle_gan, SOURCE, TARGET)
    expected = {k: x for k, x in expected.items() if np.isfinite(x).all()}
    assert {"loss", "pixel_l1", "row_angle", "patch_distance"} <= set(expected)
    assert ("adversarial" in expected) == (regime != "none")
    taught = translate(teachers_generator(), SOURCE)
    for teacher, y in (
        (gans.FixedTeacher(teachers_generator(), tiny.discriminator(3)), TARGET),
        (gans.StoredTeacher(tiny.discriminator(3)), (taught, TARGET)),
    ):
        trainer = make_trainer(teacher, discriminator_regime=regime)
        received = history(trainer, SOURCE, y)
        assert set(received) == set(expected)
        for name in expected:
            np.testing.assert_allclose(
                received[name], expected[name], rtol=1e-5, atol=1e-6, err_msg=name
            )
    # As PNGs, rounded to grey levels.
    rounded = from_pixels(to_uint8(taught).astype("float32"))
    trainer = make_trainer(
        gans.StoredTeacher(tiny.discriminator(3)), discriminator_regime=regime
    )
    received = history(trainer, SOURCE, (rounded, TARGET))
    for name in expected:
        np.testing.assert_allclose(
            received[name], expected[name], rtol=5e-3, err_msg=name
        )


def test_a_discriminator_learns_the_students_images():
    generator, discriminator = other_architecture(), tiny.discriminator(3)
    trainer = make_trainer(gans.FixedTeacher(generator, discriminator))
    assert trainer.discriminator_regime == "updating"
    before = values(generator), values(discriminator)
    image = trainer.student(SOURCE[:2], training=True)
    real, fake = (
        np.float64(keras.ops.convert_to_numpy(discriminator(x, training=True)))
        for x in (TARGET[:2], image)
    )
    loss = trainer.teacher.adversarial_loss.discriminator_loss(real, fake)
    assert float(loss) == pytest.approx(
        0.5 * (np.mean((real - 1) ** 2) + np.mean(fake**2)), rel=1e-5
    )
    logs = trainer.train_on_batch(SOURCE[:2], TARGET[:2], return_dict=True)
    assert float(logs["adversarial"]) == pytest.approx(
        np.mean((fake - 1) ** 2), rel=1e-4
    )
    assert float(logs["pixel_l1"]) == pytest.approx(
        np.abs(
            translate(generator, SOURCE[:2]) - keras.ops.convert_to_numpy(image)
        ).mean(),
        rel=1e-4,
    )
    # Batch norms and dropout run as in inference, and keep their state.
    assert same(before[0], values(generator))
    # Adam's first step has the size of its learning rate.
    moved = [np.abs(a - b).max() for a, b in zip(before[1], values(discriminator))]
    assert max(moved) == pytest.approx(2e-4, rel=1e-2)


def test_a_discriminator_of_pairs_sees_the_source():
    discriminator = models.patch_discriminator(
        (None, None, 6), filters=4, layers=1, seed=3
    )
    trainer = make_trainer(
        gans.StoredTeacher(discriminator, "hinge"),
        distillation_losses={},
        discriminator_regime="updating-freezing",
    )
    image = trainer.student(SOURCE[:2], training=True)
    pair = keras.ops.concatenate([SOURCE[:2], image], axis=-1)
    expected = -keras.ops.convert_to_numpy(discriminator(pair, training=True)).mean()
    logs = trainer.train_on_batch(SOURCE[:2], TARGET[:2], return_dict=True)
    assert float(logs["adversarial"]) == pytest.approx(expected, rel=1e-4)


def test_the_teachers_images_stand_for_real_ones():
    trainer = make_trainer(gans.StoredTeacher(tiny.discriminator(3)))
    alone = history(trainer, SOURCE, TARGET)
    trainer = make_trainer(gans.StoredTeacher(tiny.discriminator(3)))
    assert history(trainer, SOURCE, (TARGET, TARGET)) == alone
    assert trainer.evaluate(SOURCE, (TARGET, TARGET), verbose=0, return_dict=True)


def test_without_a_discriminator(tmp_path):
    own = Student(tiny.generator(4, seed=6), discriminator=tiny.discriminator(9))
    students = {"none": Student(tiny.generator(4, seed=5)), "own": own}
    trainer = CRDTrainer(gans.StoredTeacher(), students, {"l1": PixelLoss("l1")})
    trainer.compile()
    metric = SlicedWasserstein(min_resolution=8)
    grid = ImageGrid(SOURCE, tmp_path / "grids")
    callbacks = [BestTeacher(metric, SOURCE, TARGET, every=1), grid]
    logs = history(trainer, SOURCE, TARGET, epochs=1, callbacks=callbacks)
    assert set(logs) == {
        "none/loss",
        "none/pixel_l1",
        "own/loss",
        "own/adversarial",
    } | {"own/pixel_l1"}
    assert [path.name for path in (tmp_path / "grids").iterdir()] == ["epoch_0001.png"]


@pytest.mark.parametrize("kind", ["fixed", "stored"])
def test_a_trainer_is_saved_and_loaded(kind, tmp_path):
    teacher = (
        gans.FixedTeacher(other_architecture(), tiny.discriminator(3))
        if kind == "fixed"
        else gans.StoredTeacher(tiny.discriminator(3))
    )
    trainer = make_trainer(teacher)
    history(trainer, SOURCE, TARGET, epochs=1)
    trainer.save(tmp_path / "trainer.keras")
    loaded = keras.saving.load_model(tmp_path / "trainer.keras")
    assert same(trainer.teacher.get_weights(), loaded.teacher.get_weights())
    expected = history(trainer, SOURCE, TARGET, epochs=1)
    received = history(loaded, SOURCE, TARGET, epochs=1)
    for name in expected:
        np.testing.assert_allclose(received[name], expected[name], rtol=1e-5)


class TestBadInput:
    def refused(self, message, teacher, **arguments):
        with pytest.raises(ValueError, match=message) as caught:
            make_trainer(teacher, **arguments).build((2, 16, 16, 3))
        assert "\n" not in str(caught.value)

    def test_losses_of_features(self):
        loss = {"channel": ChannelDistillation(["down"])}
        message = "`distillation_losses` must compare images alone .* channel_dist"
        self.refused(message, gans.StoredTeacher(), distillation_losses=loss)
        message = "`layers` must name layers of the functional model .*'nowhere'"
        loss = {"channel": ChannelDistillation(["nowhere"])}
        teacher = gans.FixedTeacher(teachers_generator())
        self.refused(message, teacher, distillation_losses=loss)

    def test_what_needs_a_discriminator(self):
        message = "`discriminator_regime` needs a teacher with .* StoredTeacher with"
        self.refused(message, gans.StoredTeacher(), discriminator_regime="updating")
        message = "`discriminator_weights` needs a teacher with a discriminator"
        self.refused(message, gans.StoredTeacher(), discriminator_weights="a.keras")

    @pytest.mark.parametrize("schedule", ["joint", "phased", Phased(1, 1)])
    def test_schedules_that_train_the_teacher(self, schedule):
        message = '`schedule` must be "student_only" with a StoredTeacher'
        self.refused(message, gans.StoredTeacher(), schedule=schedule)

    def test_generators_that_do_not_fit(self):
        unbuilt = keras.Sequential([keras.layers.Conv2D(3, 1)])
        with pytest.raises(ValueError, match="`generator` must be a Keras model.*'x'"):
            gans.FixedTeacher("x")
        with pytest.raises(ValueError, match="`generator` must be built"):
            gans.FixedTeacher(unbuilt)
        large = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.ReLU()])
        message = r"`x` must hold images of the only size .*\(32, 32, 3\).* 16, 3\)$"
        self.refused(message, gans.FixedTeacher(large))
        grey = keras.Sequential(
            [keras.Input((None, None, 3)), keras.layers.Conv2D(1, 1)]
        )
        message = "`student` must have an `output_shape` that agrees with the teacher's"
        self.refused(message, gans.FixedTeacher(grey))
        halving = keras.Sequential(
            [keras.Input((None, None, 3)), keras.layers.AveragePooling2D(2)]
        )
        message = r"`generator` must keep the images' height and width.*\(8, 8, 3\)$"
        self.refused(message, gans.FixedTeacher(halving))

    def test_images_that_do_not_fit(self):
        cases = [
            (TARGET[:3], "`y` must hold as many images as `x`.* 4 and 3"),
            ((TARGET, TARGET[:3]), r"`y\[1\]` must hold as many images as `x`"),
            ((TARGET[:, :8], TARGET), r"`y\[0\]` must hold images of the shape"),
            ((TARGET * 127, TARGET), r"`y\[0\]` must have values in \[-1, 1\]"),
            ((TARGET,) * 3, "`y` must be the teacher's images, or a pair .*: 3 parts"),
        ]
        for y, message in cases:
            trainer = make_trainer(gans.StoredTeacher())
            trainer.build((None, 16, 16, 3))
            with pytest.raises(ValueError, match=message):
                trainer.fit(SOURCE, y, verbose=0)
        trainer = tiny.trainer()
        with pytest.raises(ValueError, match="`y` must hold images .* 2 parts"):
            trainer.fit(SOURCE, (TARGET, TARGET), verbose=0)
