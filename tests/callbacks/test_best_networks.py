"""Which network is kept at its best, and when that is decided."""

import numpy as np
import pytest

from crd_keras.callbacks import BestStudent, BestTeacher
from crd_keras.inference import evaluate_translation, image_batches, translate
from crd_keras.metrics import SlicedWasserstein
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.schedules import Phased
from tests import tiny

pytestmark = pytest.mark.usefixtures("eager_steps")

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


class Scores(ImageMetric):
    """A metric whose results are given."""

    def __init__(self, *results, higher_is_better=False):
        super().__init__("score")
        self.scores = list(results)
        self.higher_is_better = higher_is_better

    def evaluate(self, generated, reference=None):
        assert sum(len(batch) for batch in generated) == len(SOURCE)
        assert sum(len(batch) for batch in reference) == len(TARGET)
        return self.scores.pop(0)

    def reset_state(self):
        pass

    def update_state(self, images, targets=None):
        raise NotImplementedError

    def results(self):
        raise NotImplementedError

    def describe(self):
        raise NotImplementedError


def train(trainer, callback, epochs):
    return trainer.fit(
        SOURCE, TARGET, batch_size=8, epochs=epochs, verbose=0, callbacks=[callback]
    ).history


def best_teacher(metric, every=1):
    return BestTeacher(metric, SOURCE, TARGET, every=every, verbose=False)


def assert_same_weights(a, b):
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_the_best_teacher_is_kept():
    trainer = tiny.trainer(paired=True)
    history = train(trainer, best_teacher(Scores(3.0, 4.0, 2.0), every=2), epochs=6)
    np.testing.assert_equal(
        history["teacher_score"], [np.nan, 3.0, np.nan, 4.0, np.nan, 2.0]
    )
    assert float(trainer.best_teacher.score.numpy()) == 2.0
    assert int(trainer.best_teacher.epoch.numpy()) == 5
    assert_same_weights(trainer.best_teacher.network, trainer.teacher.generator)


@pytest.mark.parametrize(
    ("scores", "higher_is_better", "best"),
    [((1.0, 2.0), False, 0), ((1.0, 2.0), True, 1), ((-2.0, -3.0), True, 0)],
)
def test_in_the_metrics_direction(scores, higher_is_better, best):
    trainer = tiny.trainer(paired=True)
    metric = Scores(*scores, higher_is_better=higher_is_better)
    train(trainer, best_teacher(metric), epochs=2)
    assert float(trainer.best_teacher.score.numpy()) == scores[best]
    assert int(trainer.best_teacher.epoch.numpy()) == best


def test_only_the_teachers_epochs_count():
    trainer = tiny.trainer(paired=True, schedule=Phased(2, 1))
    history = train(trainer, best_teacher(Scores(1.0, 2.0), every=2), epochs=6)
    evaluated = (~np.isnan(history["teacher_score"])).tolist()
    assert evaluated == [False, True, False, False, True, False]


def test_the_best_student_is_kept():
    trainer = tiny.trainer(paired=True, schedule=Phased(1, 2))
    callback = BestStudent(Scores(3.0, 4.0), SOURCE, TARGET, every=1, verbose=False)
    history = train(trainer, callback, epochs=2)
    np.testing.assert_equal(history["student_score"], [np.nan, 3.0])
    assert_same_weights(trainer.best_student.network, trainer.student)
    kept = trainer.best_student.network.get_weights()
    trainer.fit(
        SOURCE,
        TARGET,
        batch_size=8,
        initial_epoch=2,
        epochs=3,
        verbose=0,
        callbacks=[callback],
    )
    assert float(trainer.best_student.score.numpy()) == 3.0
    assert int(trainer.best_student.epoch.numpy()) == 1
    for before, after in zip(
        kept, trainer.best_student.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_every_must_be_positive():
    with pytest.raises(ValueError, match="`every` must be .*Received: 0"):
        best_teacher(Scores(), every=0)


def test_evaluation_in_batches_is_the_evaluation_of_all():
    generator = tiny.generator(4, seed=1)
    metric = SlicedWasserstein(min_resolution=8)
    batches = list(image_batches(SOURCE, batch_size=3))
    assert [len(batch) for batch in batches] == [3, 3, 2]
    in_batches = evaluate_translation(generator, batches, TARGET, metric)
    metric.reset_state()
    metric.update_state(translate(generator, SOURCE))
    assert in_batches == pytest.approx(metric.result(), rel=1e-4)
