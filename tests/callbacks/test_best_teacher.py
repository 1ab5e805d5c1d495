"""Which teacher the student is distilled from, and when that is decided."""

import numpy as np
import pytest
import tiny

from crd_keras.callbacks import BestTeacher
from crd_keras.inference import evaluate_translation, image_batches, translate
from crd_keras.metrics import SlicedWasserstein
from crd_keras.schedules import Phased

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


class Scores:
    """A metric whose results are given."""

    name = "score"

    def __init__(self, *results):
        self.results = list(results)
        self.reference_count = 0

    def update_reference(self, images):
        self.reference_count += len(images)

    def reset_state(self):
        pass

    def update_state(self, images):
        assert images.shape[1:] == SOURCE.shape[1:]

    def result(self):
        return self.results.pop(0)


def train(trainer, metric, every, epochs):
    best = BestTeacher(metric, SOURCE, TARGET, every=every, verbose=False)
    return trainer.fit(
        SOURCE, TARGET, batch_size=8, epochs=epochs, verbose=0, callbacks=[best]
    ).history


def test_the_best_is_kept():
    trainer = tiny.trainer()
    metric = Scores(3.0, 4.0, 2.0)
    history = train(trainer, metric, every=2, epochs=6)
    np.testing.assert_equal(
        history["teacher_score"], [np.nan, 3.0, np.nan, 4.0, np.nan, 2.0]
    )
    assert metric.reference_count == len(TARGET)
    assert float(trainer.best_score.numpy()) == 2.0
    assert int(trainer.best_epoch.numpy()) == 5
    for kept, now in zip(
        trainer.best_generator.get_weights(),
        trainer.teacher.generator.get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(kept, now)


def test_a_worse_teacher_is_not_kept():
    trainer = tiny.trainer()
    train(trainer, Scores(1.0, 2.0), every=1, epochs=2)
    assert float(trainer.best_score.numpy()) == 1.0
    assert int(trainer.best_epoch.numpy()) == 0


def test_only_the_teachers_epochs_count():
    trainer = tiny.trainer(schedule=Phased(2, 1))
    history = train(trainer, Scores(1.0, 2.0), every=2, epochs=6)
    evaluated = (~np.isnan(history["teacher_score"])).tolist()
    assert evaluated == [False, True, False, False, True, False]


def test_every_must_be_positive():
    with pytest.raises(ValueError, match="`every` must be .*Received: every=0"):
        BestTeacher(Scores(), SOURCE, TARGET, every=0)


def test_evaluation_in_batches_is_the_evaluation_of_all():
    generator = tiny.generator(4, seed=1)
    metric = SlicedWasserstein(min_resolution=8)
    metric.update_reference(TARGET)
    batches = list(image_batches(SOURCE, batch_size=3))
    assert [len(batch) for batch in batches] == [3, 3, 2]
    in_batches = evaluate_translation(generator, batches, metric)
    metric.reset_state()
    metric.update_state(translate(generator, SOURCE))
    assert in_batches == pytest.approx(metric.result(), rel=1e-4)
