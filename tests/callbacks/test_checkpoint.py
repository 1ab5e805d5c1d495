import keras
import numpy as np
import tiny

from crd_keras import callbacks

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


def fit(trainer, *more, epochs=3, **kw):
    return trainer.fit(
        SOURCE,
        TARGET,
        batch_size=2,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(more),
        **kw,
    ).history


def state(trainer):
    return [
        np.array(keras.ops.convert_to_numpy(v.value))
        for v in (*trainer.variables, *trainer.optimizer.variables)
    ]


def test_a(tmp_path):
    whole = tiny.trainer()
    h = fit(whole, callbacks.Checkpoint(tmp_path / "a"))
    one = tiny.trainer()
    c = callbacks.Checkpoint(tmp_path / "b")
    fit(one, callbacks.StopAfter(6), c)
    two = tiny.trainer()
    c = callbacks.Checkpoint(tmp_path / "b")
    steps = []
    h2 = fit(
        two,
        keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: steps.append(batch)
        ),
        c,
    )
    assert steps == [2, 3, 0, 1, 2, 3]
    for n in h:
        assert h[n][1:] == h2[n]
    for a, b in zip(state(whole), state(two), strict=True):
        assert a.tobytes() == b.tobytes()
