"""Ending a training after a number of steps."""

import pytest

from crd_keras.callbacks import Progress, StopAfter
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


@pytest.fixture(scope="module")
def trainer():
    return tiny.trainer(paired=True)


@pytest.mark.parametrize(("max_steps", "steps"), [(None, 8), (3, 3), (6, 6), (9, 8)])
def test_steps(trainer, max_steps, steps):
    iterations = trainer.student_optimizer.iterations
    before = int(iterations.numpy())
    trainer.fit(
        SOURCE,
        TARGET,
        batch_size=2,
        epochs=2,
        verbose=0,
        callbacks=[StopAfter(max_steps)],
    )
    assert int(iterations.numpy()) - before == steps


def test_max_steps_must_be_positive():
    with pytest.raises(ValueError, match="`max_steps` must .*Received: 0"):
        StopAfter(0)


def test_progress_shows_a_line_per_epoch(trainer, capsys):
    history = trainer.fit(
        SOURCE, TARGET, batch_size=4, epochs=2, verbose=0, callbacks=[Progress()]
    ).history
    output = capsys.readouterr().out
    assert "Epoch 1/2" in output and "Epoch 2/2" in output
    assert f"loss: {history['loss'][-1]:.4f}" in output
