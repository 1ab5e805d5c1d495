"""What is no longer finite ends a training, and what was kept before stays."""

import keras
import numpy as np
import pytest

from crd_keras.callbacks import BestStudent, BestTeacher, TerminateOnNonFinite
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.schedules import Phased
from crd_keras.training.non_finite import non_finite
from tests import tiny

pytestmark = pytest.mark.usefixtures("eager_steps")

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


class Score(ImageMetric):
    """A metric that gives the same score again and again."""

    higher_is_better = True

    def __init__(self, score=0.5):
        super().__init__("score")
        self.score = score

    def evaluate(self, generated, reference=None):
        return self.score

    def is_better(self, score, than):
        return True

    def reset_state(self):
        pass

    def update_state(self, images, targets=None):
        raise NotImplementedError

    def results(self):
        raise NotImplementedError

    def describe(self):
        raise NotImplementedError


class Poison(keras.callbacks.Callback):
    """Makes a network's weights NaN before the first step of an epoch, or after."""

    def __init__(self, network, epoch, before=True):
        super().__init__()
        self.network, self.epoch, self.before = network, epoch, before

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch
        if self.before and epoch == self.epoch:
            self._poison()

    def on_train_batch_end(self, batch, logs=None):
        if not self.before and self._epoch == self.epoch and batch == 1:
            self._poison()

    def _poison(self):
        network = self.network(self.model)
        variable = network.trainable_variables[0]
        variable.assign(np.full(variable.shape, np.nan, "float32"))


def student(trainer):
    return trainer.student


def generator(trainer):
    return trainer.teacher.generator


def fit(trainer, callbacks, epochs=2):
    return trainer.fit(
        SOURCE,
        TARGET,
        batch_size=4,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
    )


@pytest.fixture(scope="module")
def trainer():
    """One for all tests: each leaves it as finite as it was."""
    result = tiny.trainer(paired=True)
    result.build(SOURCE.shape)
    return result


@pytest.fixture(scope="module")
def phased():
    result = tiny.trainer(paired=True, schedule=Phased(1, 1))
    result.build(SOURCE.shape)
    return result


@pytest.fixture(autouse=True)
def finite_weights(trainer, phased):
    kept = [
        (variable, np.array(keras.ops.convert_to_numpy(variable.value)))
        for model in (trainer, phased)
        for variable in (*model.variables, *model.optimizer.variables)
    ]
    yield
    for variable, value in kept:
        variable.assign(value)


def test_losses_and_epoch_are_named_and_nothing_is_overwritten(trainer, tmp_path):
    evaluation = Score(), SOURCE, TARGET, 1, False
    checkpoint = keras.callbacks.BackupAndRestore(
        tmp_path / "checkpoint", delete_checkpoint=False
    )
    epochs = []
    seen = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(epoch)
    )

    class Remember(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.files = contents()

    def contents():
        return {
            path.name: path.read_bytes() for path in (tmp_path / "checkpoint").iterdir()
        }

    remember = Remember()
    with pytest.raises(FloatingPointError) as error:
        fit(
            trainer,
            [
                remember,
                Poison(generator, epoch=1),
                TerminateOnNonFinite("Ask a friend."),
                BestTeacher(*evaluation),
                BestStudent(*evaluation),
                seen,
                checkpoint,
            ],
        )
    message = str(error.value)
    assert message.startswith("The training is no longer finite in epoch 2. ")
    assert "Ask a friend. Received: loss nan" in message and "\n" not in message
    for name in ("teacher_loss nan", "teacher_l1 nan", "discriminator nan"):
        assert name in message
    assert message.endswith("weights of the teacher, weights of the student")
    assert epochs == [0]
    assert remember.files and contents() == remember.files
    for best in (trainer.best_teacher, trainer.best_student):
        assert int(best.epoch.numpy()) == 0
        assert all(np.isfinite(w).all() for w in best.network.get_weights())


def test_weights_that_the_last_step_spoilt(trainer):
    with pytest.raises(FloatingPointError, match="Received: weights of the student$"):
        fit(trainer, [Poison(student, 0, before=False), TerminateOnNonFinite()])


def test_a_checkpoint_can_ask_after_each_batch(trainer):
    found = []

    class Asks(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            found.append(non_finite(self.model, logs))

    fit(trainer, [Asks(), Poison(student, 0, before=False), Asks()], epochs=1)
    assert found[:3] == [[], [], []]
    assert found[3] == ["weights of the student"]


def test_infinity_is_told_too(trainer):
    fit(trainer, [], epochs=1)
    logs = {"loss": float("inf"), "teacher_loss": 1.0, "val_loss": float("nan")}
    assert non_finite(trainer, logs) == ["loss inf"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_score_is_never_the_best(trainer, score):
    callback = BestStudent(Score(score), SOURCE, TARGET, every=1, verbose=False)
    callback.set_model(trainer)
    callback.on_epoch_end(0, {})
    assert not trainer.best_student.exists


class TestSchedules:
    """NaN stands for what a phase does not train, and only for that."""

    def test_untrained_losses_are_no_fault(self, phased):
        history = fit(phased, [TerminateOnNonFinite()]).history
        np.testing.assert_equal(np.isnan(history["loss"]), [True, False])
        np.testing.assert_equal(np.isnan(history["teacher_loss"]), [False, True])

    def test_keras_callback_trains_through_the_teachers_phase(self, phased):
        history = fit(phased, [keras.callbacks.TerminateOnNaN()]).history
        assert len(history["loss"]) == 2

    def test_keras_callback_ends_the_students_phase(self, phased):
        ended = keras.callbacks.TerminateOnNaN(raise_error=True)
        with pytest.raises(RuntimeError, match="NaN or Inf loss"):
            fit(phased, [Poison(student, 1), ended])

    def test_the_teachers_losses_in_its_phase(self, phased):
        with pytest.raises(FloatingPointError, match="epoch 1.*teacher_l1 nan"):
            fit(phased, [Poison(generator, 0), TerminateOnNonFinite()])
