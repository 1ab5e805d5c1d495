"""What `fit` is given: refused where it cannot be trained on, and nothing is lost."""

import re

import keras
import numpy as np
import pytest

from crd_keras import callbacks, gans, losses, models, translate
from crd_keras.data import unpaired_arrays
from crd_keras.metrics import SlicedWasserstein
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)
ON_JAX = keras.backend.backend() == "jax"

OTHER_SHAPE = (
    "must hold images of the shape that the trainer was built for, (16, 16, 3)"
)
OTHER_RANGE = "must have values in [-1, 1] (divide 0-255 by 127.5 and subtract 1)"


@pytest.fixture(scope="module")
def trainer():
    """One for all tests: each leaves it as whole as it was."""
    result = tiny.trainer(paired=True)
    fit(result)
    return result


def fit(trainer, source=SOURCE, target=TARGET, **arguments):
    arguments = {"batch_size": 4, "verbose": 0, "shuffle": False, **arguments}
    return trainer.fit(source, target, **arguments)


def fit_generator(trainer, source=SOURCE, target=TARGET):
    def pairs():
        for start in range(0, 8, 4):
            yield source[start : start + 4], target[start : start + 4]

    with pytest.warns(UserWarning, match="shuffle"):
        trainer.fit(pairs(), steps_per_epoch=2, verbose=0)


def values(trainer):
    variables = [*trainer.variables, *trainer.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def assert_unchanged(before, trainer):
    for old, new in zip(before, values(trainer), strict=True):
        assert old.tobytes() == new.tobytes()


class Raises(keras.callbacks.Callback):
    """Raises in the middle of an epoch."""

    def __init__(self, error, at):
        super().__init__()
        self.error, self.at = error, at

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.at:
            raise self.error


class TestShapes:
    @pytest.mark.parametrize("name", ["x", "y"])
    def test_arrays(self, trainer, name):
        before = values(trainer)
        pair = [SOURCE, TARGET]
        pair["xy".index(name)] = np.zeros((8, 32, 32, 3), "float32")
        message = f"`{name}` {OTHER_SHAPE}; for others make a new trainer. "
        message = re.escape(message + "Received: (32, 32, 3)")
        with pytest.raises(ValueError, match=message):
            fit(trainer, *pair)
        assert_unchanged(before, trainer)

    def test_arrays_of_different_lengths(self, trainer):
        message = r"`y` must hold as many.*unpaired_arrays\(.*Received: 8 and 5 images$"
        with pytest.raises(ValueError, match=message):
            fit(trainer, SOURCE, TARGET[:5])
        fit(trainer, unpaired_arrays(SOURCE, TARGET[:5], 4), None, batch_size=None)

    def test_generators(self, trainer):
        before = values(trainer)
        with pytest.raises(ValueError, match=re.escape(f"`x` {OTHER_SHAPE}")):
            fit_generator(trainer, np.zeros((8, 32, 32, 3), "float32"))
        weights = trainer.student.get_weights()
        assert all(np.isfinite(w).all() for w in weights)
        # But for the means of the losses, which each epoch begins anew.
        losses = {id(v) for tracker in trainer.metrics for v in tracker.variables}
        variables = [*trainer.variables, *trainer.optimizer.variables]
        for old, new, variable in zip(before, values(trainer), variables, strict=True):
            assert id(variable) in losses or old.tobytes() == new.tobytes()

    def test_it_trains_on(self, trainer):
        assert np.isfinite(fit(trainer).history["loss"]).all()


class TestRange:
    def test_arrays(self, trainer):
        before = values(trainer)
        grey = np.random.default_rng(0).integers(0, 256, TARGET.shape, "uint8")
        grey[0, 0, 0] = (0, 255, 7)
        message = re.escape(f"`y` {OTHER_RANGE}. Received: 0 to 255")
        with pytest.raises(ValueError, match=message):
            fit(trainer, SOURCE, grey)
        message = re.escape(f"`x` {OTHER_RANGE}. Received: 0 to 255")
        with pytest.raises(ValueError, match=message):
            fit(trainer, grey.astype("float32"), TARGET)
        assert_unchanged(before, trainer)

    def test_the_first_batch_of_a_data_set(self, trainer):
        before = values(trainer)
        grey = np.full(TARGET.shape, 200, "uint8")
        message = re.escape(f"`y` {OTHER_RANGE}. Received: 200 to 200")
        with pytest.raises(ValueError, match=message):
            trainer.fit(unpaired_arrays(SOURCE, grey), verbose=0)
        assert_unchanged(before, trainer)

    def test_the_first_batch_of_a_generator(self, trainer):
        grey = np.full(TARGET.shape, 200.0, "float32")
        for pair, name in (((grey, TARGET), "x"), ((SOURCE, grey), "y")):
            message = re.escape(f"`{name}` {OTHER_RANGE}. Received: 200 to 200")
            with pytest.raises(ValueError, match=message):
                fit_generator(trainer, *pair)
        assert all(np.isfinite(v).all() for v in values(trainer))

    def test_not_a_number(self, trainer):
        broken = SOURCE.copy()
        broken[0, 0, 0, 0] = np.nan
        with pytest.raises(ValueError, match=r"`x` must have values in \[-1, 1\]"):
            fit(trainer, broken)

    def test_a_generator_gives_each_batch_once(self, trainer):
        given = []

        def pairs():
            for _ in range(2):
                given.append(None)
                yield SOURCE[:4], TARGET[:4]

        with pytest.warns(UserWarning, match="shuffle"):
            history = trainer.fit(pairs(), steps_per_epoch=2, verbose=0).history
        assert len(given) == 2
        assert not [name for name in history if "least" in name or "greatest" in name]

    def test_a_little_overshoot_is_no_error(self, trainer):
        assert np.isfinite(fit(trainer, 1.01 * SOURCE).history["loss"]).all()

    def test_logs_of_steps_hold_losses_only(self, trainer):
        seen = []
        log = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(set(logs))
        )
        fit(trainer, callbacks=[log])
        assert seen == [set(trainer.losses_trained())] * 2
        assert set(trainer.train_on_batch(SOURCE, TARGET, return_dict=True)) == seen[0]

    def test_translating_arrays(self, trainer):
        grey = 255 * np.ones((2, 16, 16, 3), "float32")
        message = re.escape(f"`images` {OTHER_RANGE}. Received: 255 to 255")
        with pytest.raises(ValueError, match=message):
            translate(trainer.student, grey)
        with pytest.raises(ValueError, match=message):
            callbacks.ImageGrid(grey, "grids")


class TestErrors:
    """After an error in `fit` the trainer is as whole as before."""

    @pytest.mark.parametrize("at", [0, 1])
    @pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()])
    def test_of_a_callback(self, trainer, error, at):
        with pytest.raises(type(error)):
            fit(trainer, callbacks=[Raises(error, at)])
        assert all(np.isfinite(v).all() for v in values(trainer))
        assert np.isfinite(fit(trainer).history["loss"]).all()

    def test_of_the_data(self, trainer):
        def pairs():
            yield SOURCE[:4], TARGET[:4]
            yield SOURCE[:4], TARGET[:4]
            raise RuntimeError("no more pictures")

        # TensorFlow makes an error of its own of it.
        with pytest.raises(Exception, match="no more pictures"):
            trainer.fit(pairs(), steps_per_epoch=4, shuffle=False, verbose=0)
        assert np.isfinite(fit(trainer).history["loss"]).all()

    def test_of_the_first_step(self):
        class Broken(keras.losses.Loss):
            broken = True

            def call(self, y_true, y_pred):
                if self.broken:
                    raise RuntimeError("broken loss")
                return keras.losses.mean_absolute_error(y_true, y_pred)

        loss = Broken()
        trainer = tiny.trainer(paired=True, distillation_losses={"broken": loss})
        trainer.build(SOURCE.shape)
        before = values(trainer)
        with pytest.raises(Exception, match="broken loss"):
            fit(trainer)
        # TensorFlow and PyTorch have trained the teacher by then, JAX has not begun.
        if ON_JAX:
            assert_unchanged(before, trainer)
        with pytest.raises(Exception, match="broken loss"):
            trainer.evaluate(SOURCE, TARGET, verbose=0)
        with pytest.raises(Exception, match="broken loss"):
            trainer.train_on_batch(SOURCE, TARGET)
        loss.broken = False
        trainer.compile()
        assert np.isfinite(fit(trainer).history["broken"]).all()

    def test_what_was_kept_between_epochs_stays(self, trainer):
        def broken_step(*arguments):
            raise RuntimeError("broken")

        class KeepsAndBreaks(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.best_student.keep(self.model.student, 0.125, epoch)

            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 1:
                    self.model.train_function = broken_step

        step = trainer.train_function
        with pytest.raises(RuntimeError, match="broken"):
            fit(trainer, epochs=2, callbacks=[KeepsAndBreaks()])
        trainer.train_function = step
        assert float(trainer.best_student.score.numpy()) == 0.125

    @pytest.mark.skipif(not ON_JAX, reason="only JAX gives memory away to a step")
    def test_state_that_is_gone_is_said_to_be(self):
        trainer = tiny.trainer(paired=True)
        trainer.build(SOURCE.shape)

        def broken_step(state, iterator):
            for values in state:
                for value in values:
                    value.delete()
            raise RuntimeError("out of memory")

        trainer.train_function = broken_step
        with pytest.raises(RuntimeError, match="out of memory") as error:
            fit(trainer)
        assert "load the last checkpoint" in error.value.__notes__[-1]
        with pytest.raises(RuntimeError, match="load the last checkpoint"):
            fit(trainer)
        with pytest.raises(RuntimeError, match="load the last checkpoint"):
            trainer.evaluate(SOURCE, TARGET, verbose=0)


class TestSizes:
    """What a network or a loss cannot take is refused when the trainer is built."""

    def build(self, size, **arguments):
        tiny.trainer(compiled=False, **arguments).build((None, size, size, 3))

    def test_discriminators(self):
        message = re.escape(
            "`discriminator` must fit the images, which may be too small for it: "
            "Computed output size would be zero or negative. "
            "Received: images of shape (4, 4, 3)"
        )
        with pytest.raises(ValueError, match=message):
            self.build(4)
        self.build(8)
        deep = models.patch_discriminator((None, None, 6), filters=2, layers=3)
        pix2pix = gans.Pix2Pix(tiny.generator(2, seed=0), deep)
        message = r"`discriminator` must fit.*Received: images of shape \(16, 16, 3\)"
        with pytest.raises(ValueError, match=message):
            pix2pix.check_images((None, 16, 16, 3))
        pix2pix.check_images((None, 32, 32, 3))
        pix2pix.check_images((None, None, None, 3))

    def test_generators(self):
        unets = [models.unet_generator(filters=2, downs=4) for _ in range(2)]
        teacher = gans.Pix2Pix(
            unets[0], models.patch_discriminator((None, None, 6), filters=2, layers=1)
        )
        message = r"`generator` must fit.*divisible by 16.*Received.*\(8, 8, 3\)"
        with pytest.raises(ValueError, match=message):
            teacher.check_images((None, 8, 8, 3))

    @pytest.mark.parametrize(
        ("loss", "size", "message"),
        [
            (
                lambda: losses.ContentRelationLoss("patch", patch_size=8),
                8,
                "`contents` must be 3 or more .*1 of 'patch' .*of 8 x 8 pixels",
            ),
            (
                lambda: losses.ContentRelationLoss(patch_size=32),
                16,
                "`patch_size` must divide .*patch_size=32, images of 16 x 16",
            ),
            (losses.WaveletLoss, 8, "multiples of 16.*images of 8 x 8 pixels"),
            (losses.SSIMLoss, 8, "at least 11 pixels.*height 8, width 8"),
            (
                lambda: losses.PerceptualLoss(models.vgg16_features(None)),
                6,
                r"`features` must fit .*Received: images of shape \(6, 6, 3\)",
            ),
        ],
    )
    def test_losses(self, loss, size, message):
        with pytest.raises(ValueError, match=message):
            self.build(size, distillation_losses={"loss": loss()})

    def test_batches_larger_than_the_pool(self):
        with pytest.raises(ValueError, match="as many images as the pool, 8.*of 9"):
            tiny.trainer(compiled=False).build((9, 16, 16, 3))

    def test_too_few_images_for_a_metric(self):
        metric = SlicedWasserstein()
        message = "`source_images` must be at least 2 images for swd. Received: 1"
        with pytest.raises(ValueError, match=message):
            callbacks.BestStudent(metric, SOURCE[:1], TARGET)
        with pytest.raises(ValueError, match="`reference_images` must be at least 2"):
            callbacks.BestTeacher(metric, SOURCE, TARGET[:1])

    def test_too_small_images_for_a_metric(self):
        with pytest.raises(ValueError, match="16 pixels a side.*height 8, width 8"):
            SlicedWasserstein().check_image_size(8, 8)
        SlicedWasserstein().check_image_size(16, 16)
