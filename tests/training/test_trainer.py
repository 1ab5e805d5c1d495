"""The training step: its numbers, what it freezes, and what it survives."""

import functools

import h5py
import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, callbacks, gans, losses, models
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.schedules import Phased
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)

# Losses of the first three steps with batch 1, as measured on PyTorch. JAX and
# TensorFlow differ from them by less than 3e-6.
THREE_STEPS = {
    "adversarial": (0.94708484, 0.9194892, 0.9310329),
    "column_angle": (0.020058151, 0.02353812, 0.018004034),
    "column_distance": (0.018758561, 0.022116762, 0.017425284),
    "discriminator": (0.45408967, 0.44236121, 0.43231431),
    "feature": (0.070324525, 0.068593621, 0.066393219),
    "inverse_discriminator": (0.49570751, 0.48437423, 0.49899346),
    "loss": (8.1177979, 9.6110725, 8.2094097),
    "patch_angle": (0.0031977925, 0.006814173, 0.0015139875),
    "patch_distance": (0.004192031, 0.0098974025, 0.0020954348),
    "row_angle": (0.0094681839, 0.023204195, 0.015450653),
    "row_distance": (0.0087466799, 0.024112877, 0.017562687),
    "style": (0.00040388299, 0.00039246469, 0.00039389261),
    "teacher_adversarial": (0.92855304, 0.89650828, 0.92860317),
    "teacher_cycle": (0.53554207, 0.54670578, 0.53241873),
    "teacher_identity": (0.51468533, 0.53088552, 0.52892697),
    "teacher_inverse_adversarial": (0.94741809, 0.98092055, 0.94882387),
    "teacher_inverse_cycle": (0.52735734, 0.54261279, 0.53286612),
    "teacher_inverse_identity": (0.53935295, 0.54710919, 0.54200047),
    "teacher_loss": (17.775156, 18.160589, 17.884909),
}


def fit(trainer, epochs=1, batch_size=2, **arguments):
    """The history of an epoch, in the order of the images."""
    arguments = {"verbose": 0, "shuffle": False, **arguments}
    return trainer.fit(
        SOURCE, TARGET, batch_size=batch_size, epochs=epochs, **arguments
    ).history


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def assert_bit_identical(before, after):
    for a, b in zip(before, after, strict=True):
        assert a.tobytes() == b.tobytes()


def changed(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


class StepLosses(keras.callbacks.Callback):
    """The losses of each step alone; Keras logs their running means."""

    def on_train_begin(self, logs=None):
        self.steps, self._sum = [], {}

    def on_train_batch_end(self, batch, logs=None):
        total = {name: float(value) * (batch + 1) for name, value in logs.items()}
        self.steps.append({k: total[k] - self._sum.get(k, 0.0) for k in total})
        self._sum = total


@pytest.mark.usefixtures("optimized_graphs")
class TestNumbers:
    def test_losses_of_three_steps_agree_between_backends(self):
        trainer = CRDTrainer(
            gans.CycleGAN(
                models.mobile_resnet_generator(filters=8, blocks=1, seed=1),
                models.resnet_generator(filters=8, blocks=1, seed=2),
                models.patch_discriminator(filters=4, layers=1, seed=3),
                models.patch_discriminator(filters=4, layers=1, seed=4),
            ),
            models.mobile_resnet_generator(filters=4, blocks=1, seed=5),
            {
                "relation": losses.ContentRelationLoss(patch_size=8),
                "perceptual": losses.PerceptualLoss(
                    models.vgg16_features(weights=None, blocks=2, seed=6)
                ),
            },
        )
        trainer.compile()
        log = StepLosses()
        fit(trainer, batch_size=1, steps_per_epoch=3, callbacks=[log])
        assert set(log.steps[0]) == set(THREE_STEPS)
        for name, expected in THREE_STEPS.items():
            received = [step[name] for step in log.steps]
            np.testing.assert_allclose(received, expected, rtol=1e-4, err_msg=name)

    def test_student_loss_is_the_weighted_sum(self):
        trainer = tiny.trainer(
            distillation_losses={
                "relation": losses.ContentRelationLoss(patch_size=8),
                "pixels": keras.losses.MeanAbsoluteError(),
            },
            distillation_loss_weights={"relation": 3.0, "pixels": 0.5},
            adversarial_weight=2.0,
        )
        logs = trainer.evaluate(
            SOURCE, TARGET, batch_size=4, verbose=0, return_dict=True
        )
        relation = sum(
            logs[f"{content}_{kind}"] * weight
            for content in ("row", "column", "patch")
            for kind, weight in (("distance", 1.0), ("angle", 2.0))
        )
        expected = 2.0 * logs["adversarial"] + 3.0 * relation + 0.5 * logs["pixels"]
        assert logs["loss"] == pytest.approx(expected, rel=1e-5)

    def test_student_learns_from_the_relations_alone(self):
        trainer = tiny.trainer(paired=True, adversarial_weight=0.0)
        trainer.compile(
            generator_optimizer=keras.optimizers.SGD(0.0),
            student_optimizer=keras.optimizers.Adam(0.1),
        )
        history = fit(trainer, epochs=20, batch_size=8)
        assert history["loss"][-1] < 0.8 * history["loss"][0]

    @pytest.mark.parametrize("norm", ["instance", "batch"])
    def test_evaluate_changes_nothing(self, norm):
        trainer = tiny.trainer(norm)
        fit(trainer)
        before = values(trainer.variables)
        first = trainer.evaluate(SOURCE, TARGET, verbose=0, return_dict=True)
        again = trainer.evaluate(SOURCE, TARGET, verbose=0, return_dict=True)
        assert first == pytest.approx(again)
        assert_bit_identical(before, values(trainer.variables))

    def test_call_is_the_student(self):
        trainer = tiny.trainer()
        np.testing.assert_allclose(
            trainer.predict(SOURCE, verbose=0),
            trainer.student.predict(SOURCE, verbose=0),
            atol=1e-6,
        )


class TestFreezing:
    """After the student's part, the discriminator is as it was."""

    @pytest.mark.parametrize("norm", ["instance", "batch"])
    def test_discriminator_is_bit_identical(self, norm):
        # Phases of one epoch: the second epoch is the student's alone.
        trainer = tiny.trainer(norm, schedule=Phased(1, 1))
        fit(trainer)
        frozen = [
            *trainer.teacher.discriminator.variables,
            *trainer.teacher.inverse_discriminator.variables,
            *trainer.discriminator_optimizer.variables,
            *trainer.teacher.generator.variables,
            *trainer.generator_optimizer.variables,
        ]
        before, student = values(frozen), values(trainer.student.variables)
        fit(trainer, epochs=2, initial_epoch=1)
        assert_bit_identical(before, values(frozen))
        assert all(changed(student, values(trainer.student.trainable_variables)))

    def test_the_teachers_part_leaves_the_student_alone(self):
        trainer = tiny.trainer(schedule=Phased(1, 1))
        variables = [*trainer.student.variables, *trainer.student_optimizer.variables]
        before = values(variables)
        fit(trainer)
        assert_bit_identical(before, values(variables))

    def test_the_discriminators_gradient_reaches_the_student(self):
        trainer = tiny.trainer(distillation_losses={}, schedule=Phased(1, 1))
        before = values(trainer.student.trainable_variables)
        fit(trainer, epochs=2, initial_epoch=1)
        assert any(changed(before, values(trainer.student.trainable_variables)))

    def test_updating_regime_changes_the_discriminator_for_the_student(self):
        trainer = tiny.trainer(discriminator_regime="updating", schedule=Phased(1, 1))
        discriminator = trainer.teacher.discriminator.trainable_variables
        inverse = trainer.teacher.inverse_discriminator.trainable_variables
        before = values(discriminator), values(inverse)
        fit(trainer, epochs=2, initial_epoch=1)
        assert all(changed(before[0], values(discriminator)))
        assert_bit_identical(before[1], values(inverse))

    def test_no_adversarial_loss_in_regime_none(self):
        history = fit(tiny.trainer(discriminator_regime="none"))
        assert "adversarial" not in history

    def test_trainable_is_restored_also_after_an_error(self):
        class Broken(keras.losses.Loss):
            def call(self, y_true, y_pred):
                raise RuntimeError("broken loss")

        trainer = tiny.trainer(distillation_losses={"broken": Broken()})
        with pytest.raises(Exception, match="broken loss"):
            fit(trainer)
        discriminator = trainer.teacher.discriminator
        assert discriminator.trainable
        assert all(layer.trainable for layer in discriminator.layers)
        assert len(discriminator.trainable_variables) == 6


class TestSchedules:
    def test_losses_of_an_untrained_network_are_nan(self):
        history = fit(tiny.trainer(schedule=Phased(1, 2)), epochs=4)
        teacher = np.isnan(history["teacher_loss"]).tolist()
        student = np.isnan(history["loss"]).tolist()
        assert teacher == [False, True, True, False]
        assert student == [True, False, False, True]

    def test_the_student_imitates_the_kept_teacher(self):
        trainer = tiny.trainer(paired=True, adversarial_weight=0.0)
        assert trainer.distilled_from() is trainer.teacher.generator
        trainer.best_teacher.keep(trainer.teacher.generator, 0.5, epoch=3)
        assert trainer.distilled_from() is trainer.best_teacher.network
        assert float(trainer.best_teacher.score.numpy()) == 0.5
        assert int(trainer.best_teacher.epoch.numpy()) == 3
        kept = values(trainer.best_teacher.network.variables)
        fit(trainer)
        assert_bit_identical(kept, values(trainer.best_teacher.network.variables))

        # The loss that the student had is the loss against the kept teacher.
        logs = trainer.evaluate(
            SOURCE, TARGET, batch_size=8, verbose=0, return_dict=True
        )
        loss = trainer.students["student"].loss.losses["relation"]
        expected = loss(
            keras.ops.convert_to_tensor(
                trainer.best_teacher.network.predict(SOURCE, verbose=0)
            ),
            keras.ops.convert_to_tensor(trainer.student.predict(SOURCE, verbose=0)),
        )
        assert logs["loss"] == pytest.approx(25 * float(expected), rel=1e-4)


class TestResuming:
    @pytest.mark.parametrize("schedule", ["joint", Phased(1, 1)])
    def test_resumed_equals_uninterrupted(self, tmp_path, schedule):
        class Stop(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 2:
                    raise KeyboardInterrupt

        class Brightness(ImageMetric):
            """Scores by the mean of the images, to have some teachers kept."""

            def evaluate(self, generated, reference=None):
                return float(np.mean([abs(batch).mean() for batch in generated]))

            def update_state(self, images, targets=None):
                raise NotImplementedError

            def results(self):
                raise NotImplementedError

            def reset_state(self):
                raise NotImplementedError

            def describe(self):
                raise NotImplementedError

        def new(directory, *more):
            trainer = tiny.trainer(paired=schedule != "joint", schedule=schedule)
            arguments = Brightness("brightness"), SOURCE, TARGET
            best = [
                callbacks.BestTeacher(*arguments, every=1, verbose=False),
                callbacks.BestStudent(*arguments, every=1, verbose=False),
            ]
            return trainer, [*best, callbacks.Checkpoint(tmp_path / directory), *more]

        def fit_four(trainer, callbacks):
            return fit(trainer, epochs=4, batch_size=4, callbacks=callbacks)

        whole, whole_callbacks = new("whole")
        expected = fit_four(whole, whole_callbacks)
        interrupted, interrupted_callbacks = new("parts", Stop())
        with pytest.raises(KeyboardInterrupt):
            fit_four(interrupted, interrupted_callbacks)
        resumed, resumed_callbacks = new("parts")
        history = fit_four(resumed, resumed_callbacks)
        for name, received in history.items():
            np.testing.assert_allclose(
                received, expected[name][2:], rtol=1e-5, err_msg=name
            )
        for a, b in zip(whole.variables, resumed.variables, strict=True):
            np.testing.assert_allclose(
                *values([a, b]), atol=2e-5, err_msg=f"{a.path}, {b.path}"
            )

    def test_save_and_load(self, tmp_path):
        trainer = tiny.trainer(schedule=Phased(1, 1), adversarial_weight=0.5)
        fit(trainer)
        trainer.best_teacher.keep(trainer.teacher.generator, 0.25, epoch=0)
        path = str(tmp_path / "trainer.keras")
        trainer.save(path)
        loaded = keras.saving.load_model(path)
        assert loaded.get_config().keys() == trainer.get_config().keys()
        assert loaded.schedule.student_epochs_per_cycle == 1
        assert float(loaded.best_teacher.score.numpy()) == 0.25
        assert_bit_identical(values(trainer.variables), values(loaded.variables))
        assert_bit_identical(
            values(trainer.optimizer.variables), values(loaded.optimizer.variables)
        )
        np.testing.assert_allclose(
            fit(loaded, epochs=2, initial_epoch=1)["loss"],
            fit(trainer, epochs=2, initial_epoch=1)["loss"],
            rtol=1e-5,
        )

    def test_state_is_saved_once(self, tmp_path):
        trainer = tiny.trainer(paired=True)
        fit(trainer)
        trainer.save_weights(tmp_path / "trainer.weights.h5")
        stored = []
        with h5py.File(tmp_path / "trainer.weights.h5") as file:
            file.visititems(
                lambda _, x: stored.append(x.size) if hasattr(x, "size") else None
            )
        members = (
            trainer.generator_optimizer,
            trainer.discriminator_optimizer,
            trainer.student_optimizer,
        )
        variables = [*trainer.variables, *(v for m in members for v in m.variables)]
        assert sum(stored) == sum(int(np.prod(v.shape)) for v in variables)


@functools.cache
def losses_on_arrays():
    return fit(tiny.trainer(paired=True))["loss"]


class TestData:
    def test_keras_data_sets(self):
        class Pairs(keras.utils.PyDataset):
            def __len__(self):
                return 4

            def __getitem__(self, index):
                batch = slice(2 * index, 2 * index + 2)
                return SOURCE[batch], TARGET[batch]

        received = tiny.trainer(paired=True).fit(Pairs(), verbose=0).history["loss"]
        np.testing.assert_allclose(received, losses_on_arrays(), rtol=1e-5)

    def test_generators(self):
        pairs = ((SOURCE[i : i + 2], TARGET[i : i + 2]) for i in range(0, 8, 2))
        history = (
            tiny.trainer(paired=True).fit(pairs, steps_per_epoch=4, verbose=0).history
        )
        np.testing.assert_allclose(history["loss"], losses_on_arrays(), rtol=1e-5)


class TestBadInput:
    def test_student_of_other_shape(self):
        student = models.mobile_resnet_generator(filters=4, blocks=1, output_channels=1)
        with pytest.raises(ValueError, match="`student` must have.*Received: .*1\\)"):
            CRDTrainer(tiny.teacher(), student, distillation_losses={})

    def test_student_that_is_the_teacher(self):
        teacher = tiny.teacher()
        with pytest.raises(ValueError, match="`student` must be a model of its own"):
            CRDTrainer(teacher, teacher.generator, distillation_losses={})

    def test_image_size(self):
        with pytest.raises(ValueError, match="divisible by 4.*Received.*15"):
            tiny.trainer().fit(SOURCE[:, :, :15], TARGET[:, :, :15], verbose=0)

    @pytest.mark.parametrize(
        "arguments",
        [
            {"discriminator_regime": "frozen"},
            {"schedule": "alternating"},
            {"distillation_loss_weights": {"relations": 1.0}},
        ],
    )
    def test_unknown_names(self, arguments):
        (name,) = arguments
        with pytest.raises(ValueError, match=f"`{name}` must .*Received: "):
            tiny.trainer(**arguments)

    def test_no_target_images(self):
        with pytest.raises(ValueError, match="`y` must hold images"):
            tiny.trainer().fit(SOURCE, verbose=0)

    def test_one_optimizer_for_two(self):
        adam = keras.optimizers.Adam()
        with pytest.raises(ValueError, match="must be three instances"):
            tiny.trainer(compiled=False).compile(adam, adam)

    def test_terms_of_the_same_name(self):
        relation = losses.ContentRelationLoss("row")
        with pytest.raises(ValueError, match="different names.*row_angle"):
            tiny.trainer(distillation_losses={"a": relation, "b": relation})


def test_pretrained_discriminator(tmp_path):
    pretrained = tiny.discriminator(seed=9)
    pretrained.save(tmp_path / "discriminator.keras")
    pretrained.save_weights(tmp_path / "discriminator.weights.h5")
    for name in ("discriminator.keras", "discriminator.weights.h5"):
        trainer = tiny.trainer(discriminator_weights=str(tmp_path / name))
        assert_bit_identical(
            values(pretrained.variables),
            values(trainer.teacher.discriminator.variables),
        )
