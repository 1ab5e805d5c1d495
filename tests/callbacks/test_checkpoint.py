"""A training that is cut anywhere and started again ends like one that is not."""

import glob
import json
import os
import shutil
import signal

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from crd_keras import CRDTrainer, callbacks
from crd_keras.experiment.stop_on_signal import StopOnSignal
from crd_keras.training.checkpoints import CheckpointFolder
from crd_keras.utils.interruption import Interruption
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)
EPOCHS, STEPS = 2, 4


@pytest.fixture(scope="module")
def built():
    """A trainer that compiles once for all tests, with dropout, and how it began."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    outputs = keras.layers.Dropout(0.1, seed=1)(tiny.generator(4, seed=5)(inputs))
    trainer = CRDTrainer(tiny.teacher(), keras.Model(inputs, outputs), {})
    trainer.compile()
    trainer.build((None, tiny.SIZE, tiny.SIZE, 3))
    return trainer, state(trainer)


@pytest.fixture
def trainer(built):
    trainer, beginning = built
    assign(trainer, beginning)
    return trainer


@pytest.fixture(scope="module")
def whole(built, tmp_path_factory):
    """Folder of a training that was not interrupted, and how it ended."""
    trainer, _ = built
    folder = tmp_path_factory.mktemp("whole")
    fit(trainer, folder)
    return folder, state(trainer)


def fit(trainer, folder, *more, before=(), epochs=EPOCHS, **arguments):
    checkpoint = callbacks.Checkpoint(folder / "checkpoint", **arguments)
    return trainer.fit(
        SOURCE,
        TARGET,
        batch_size=len(SOURCE) // STEPS,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[
            *before,
            callbacks.CSVLogger(folder / "metrics.csv", checkpoint),
            callbacks.TensorBoard(folder / "tensorboard", checkpoint),
            *more,
            checkpoint,
        ],
    )


def go_on(trainer, folder, *more):
    """In a new program nothing is left but what is in the folder."""
    assign(trainer, [np.ones_like(value) for value in state(trainer)])
    return fit(trainer, folder, *more)


def variables(trainer):
    optimizers = trainer.optimizer.optimizers
    return [*trainer.variables, *(v for one in optimizers for v in one.variables)]


def state(trainer):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables(trainer)]


def assign(trainer, values):
    for variable, value in zip(variables(trainer), values, strict=True):
        variable.assign(value)


def scalars(folder):
    (directory,) = glob.glob(str(folder / "tensorboard" / "*"))
    events = EventAccumulator(directory, size_guidance={"tensors": 0}).Reload()
    return {
        tag: [
            (e.step, float(make_ndarray(e.tensor_proto))) for e in events.Tensors(tag)
        ]
        for tag in events.Tags()["tensors"]
    }


def assert_same(trainer, expected):
    received = state(trainer)
    for variable, a, b in zip(variables(trainer), expected, received, strict=True):
        assert a.tobytes() == b.tobytes(), variable.path


def assert_ended_alike(trainer, folder, whole):
    whole_folder, expected = whole
    for variable, a, b in zip(
        variables(trainer), expected, state(trainer), strict=True
    ):
        assert a.tobytes() == b.tobytes(), variable.path
    metrics = (whole_folder / "metrics.csv").read_bytes()
    assert (folder / "metrics.csv").read_bytes() == metrics
    assert metrics.count(b"\n") == 1 + EPOCHS
    numbers = scalars(folder)
    assert numbers == scalars(whole_folder)
    assert [step for step, _ in numbers["epoch_loss"]] == list(range(EPOCHS))
    assert len(os.listdir(folder / "checkpoint")) == 4


class Kill(keras.callbacks.Callback):
    """Ends the training at a step, or between the logs and the checkpoint."""

    def __init__(self, epoch, step=None):
        super().__init__()
        self.epoch, self.step = epoch, step

    def on_epoch_begin(self, epoch, logs=None):
        self.running = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.running, batch) == (self.epoch, self.step):
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        if self.step is None and epoch == self.epoch:
            raise KeyboardInterrupt


class Steps(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.taken = []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.taken.append((self.epoch, batch))


class TestResume:
    def test_max_steps_within_an_epoch(self, trainer, whole, tmp_path, capsys):
        fit(trainer, tmp_path, before=[callbacks.StopAfter(6)])
        # What was trained is logged, but no epoch ended.
        assert (tmp_path / "metrics.csv").read_text().count("\n") == 3
        steps = Steps()
        go_on(trainer, tmp_path, steps)
        assert steps.taken == [(1, 2), (1, 3)]
        assert_ended_alike(trainer, tmp_path, whole)
        assert "Going on after step 2 of epoch 2, from" in capsys.readouterr().out

    def test_killed_between_log_and_checkpoint(self, trainer, whole, tmp_path):
        with pytest.raises(KeyboardInterrupt):
            fit(trainer, tmp_path, Kill(epoch=1))
        assert (tmp_path / "metrics.csv").read_text().count("\n") == 3
        go_on(trainer, tmp_path)
        assert_ended_alike(trainer, tmp_path, whole)

    def test_killed_within_an_epoch_and_again(self, trainer, whole, tmp_path):
        for epoch in (0, 1):
            with pytest.raises(KeyboardInterrupt):
                fit(trainer, tmp_path, Kill(epoch, step=2), every_steps=2)
        files = os.listdir(tmp_path / "checkpoint")
        assert "epoch_0001_step_000002.json" in files and len(files) == 4
        (tmp_path / "metrics.csv").write_bytes(b"")
        go_on(trainer, tmp_path)
        assert_ended_alike(trainer, tmp_path, whole)

    def test_interrupted_while_the_weights_are_saved(
        self, trainer, whole, tmp_path, monkeypatch
    ):
        layer = trainer.best_student
        saved = []

        def interrupt(store):
            if len(saved) == 1:
                raise KeyboardInterrupt
            saved.append(store)
            return type(layer).save_own_variables(layer, store)

        monkeypatch.setattr(layer, "save_own_variables", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit(trainer, tmp_path)
        monkeypatch.undo()
        assert len(os.listdir(tmp_path / "checkpoint")) == 2
        go_on(trainer, tmp_path)
        assert_ended_alike(trainer, tmp_path, whole)

    def test_the_newest_is_broken(self, trainer, whole, tmp_path, capsys):
        shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)
        newest = tmp_path / "checkpoint" / "epoch_0002_step_000000.weights.h5"
        newest.write_bytes(newest.read_bytes()[:-1])
        steps = Steps()
        go_on(trainer, tmp_path, steps)
        assert steps.taken == [(1, 0), (1, 1), (1, 2), (1, 3)]
        assert_ended_alike(trainer, tmp_path, whole)
        output = capsys.readouterr().out
        assert "Passed over a checkpoint: " in output
        assert "Going on after epoch 1, from" in output

    def test_the_first_was_never_finished(self, trainer, whole, tmp_path, capsys):
        unfinished = tmp_path / "checkpoint" / ".crd_keras.abc.tmp"
        unfinished.mkdir(parents=True)
        fit(trainer, tmp_path, epochs=1)
        assert "starting from epoch 1" in capsys.readouterr().out
        metrics = (tmp_path / "metrics.csv").read_bytes()
        assert (whole[0] / "metrics.csv").read_bytes().startswith(metrics)
        assert not unfinished.exists()

    def test_nothing_is_left_to_train(self, trainer, whole, tmp_path):
        shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)
        (tmp_path / "metrics.csv").write_bytes(b"")
        assert go_on(trainer, tmp_path).epoch == []
        assert_ended_alike(trainer, tmp_path, whole)

    def test_of_keras_backup(self, trainer, whole, tmp_path):
        """What runs have left that began before there was `Checkpoint`."""
        folder = str(tmp_path / "checkpoint")
        logger = keras.callbacks.CSVLogger(str(tmp_path / "metrics.csv"))
        backup = keras.callbacks.BackupAndRestore(
            folder, double_checkpoint=True, delete_checkpoint=False
        )
        arguments = {"batch_size": 2, "shuffle": False, "verbose": 0}
        trainer.fit(SOURCE, TARGET, callbacks=[logger, backup], **arguments)
        # Keras leaves the dropout's random numbers out.
        seeds = [v for v in trainer.variables if "seed_generator" in v.path]
        values = [np.array(keras.ops.convert_to_numpy(v.value)) for v in seeds]
        assign(trainer, [np.ones_like(value) for value in state(trainer)])
        for seed, value in zip(seeds, values, strict=True):
            seed.assign(value)
        fit(trainer, tmp_path)
        assert_same(trainer, whole[1])
        assert (tmp_path / "metrics.csv").read_bytes() == (
            whole[0] / "metrics.csv"
        ).read_bytes()


class TestSignals:
    """As a recipe stops."""

    def press(self, trainer, folder, *moments):
        """Trains, and sends SIGINT in those calls of callbacks."""

        class CtrlC(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.epoch = epoch

            def on_train_batch_begin(self, batch, logs=None):
                self.send((self.epoch, batch))

            def on_epoch_end(self, epoch, logs=None):
                self.send((self.epoch, "evaluation"))

            def send(self, moment):
                for _ in range(moments.count(moment)):
                    os.kill(os.getpid(), signal.SIGINT)

        checkpoint = callbacks.Checkpoint(folder / "checkpoint")
        with pytest.raises(SystemExit) as stopped, Interruption(str) as interruption:
            trainer.fit(
                SOURCE,
                TARGET,
                batch_size=len(SOURCE) // STEPS,
                epochs=EPOCHS,
                shuffle=False,
                verbose=0,
                callbacks=[
                    CtrlC(),
                    checkpoint,
                    StopOnSignal(interruption, checkpoint),
                ],
            )
        assert stopped.value.code == 130

    def test_within_an_epoch(self, trainer, whole, tmp_path, capsys):
        self.press(trainer, tmp_path, (1, 2))
        assert (
            capsys.readouterr().err == "Stopped at epoch 2, step 3; --resume goes on\n"
        )
        go_on(trainer, tmp_path)
        assert_ended_alike(trainer, tmp_path, whole)

    @pytest.mark.parametrize("moment", [(0, 3), (0, "evaluation")])
    def test_when_an_epoch_ends(self, trainer, tmp_path, capsys, moment):
        self.press(trainer, tmp_path, moment)
        assert capsys.readouterr().err.splitlines() == [
            "Stopping when epoch 1 is evaluated; again: at once",
            "Stopped after epoch 1; --resume goes on",
        ]
        assert CheckpointFolder(tmp_path / "checkpoint").newest().position == (1, 0)

    def test_twice(self, trainer, tmp_path, capsys):
        self.press(trainer, tmp_path, (1, 1), (1, 1))
        assert capsys.readouterr().err == (
            "Stopped at epoch 2, step 1; --resume goes on after epoch 1\n"
        )

    def test_in_the_first_step(self, trainer, tmp_path, capsys):
        self.press(trainer, tmp_path, (0, 0))
        assert capsys.readouterr().err == (
            "Stopped at epoch 1, step 0; --resume starts from epoch 1\n"
        )


class TestWriting:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({}, [(1, 0), (2, 0)]),
            ({"every_steps": 2}, [(0, 2), (1, 0), (1, 2), (2, 0)]),
            ({"every_steps": 3}, [(0, 3), (1, 0), (1, 3), (2, 0)]),
            ({"every_minutes": 60.0}, [(1, 0), (2, 0)]),
            (
                {"every_minutes": 1e-9},
                [(e, s) for e in (0, 1) for s in (1, 2, 3)] + [(1, 0), (2, 0)],
            ),
        ],
    )
    def test_how_often(self, trainer, tmp_path, monkeypatch, arguments, expected):
        written = []

        def note(folder, weights, epoch, step, *more):
            written.append((epoch, step))

        monkeypatch.setattr(CheckpointFolder, "write", note)
        monkeypatch.setattr(CRDTrainer, "save_weights", lambda *_: None)
        fit(trainer, tmp_path, epochs=2, **arguments)
        assert written == sorted(expected)

    def test_losses_that_are_not_finite(self, trainer, tmp_path, capsys):
        fit(trainer, tmp_path, epochs=1)
        files = {p: p.read_bytes() for p in (tmp_path / "checkpoint").iterdir()}

        class Break(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                kernel = self.model.student.trainable_variables[0]
                kernel.assign(np.full(kernel.shape, np.nan))

        fit(trainer, tmp_path, Break(), keras.callbacks.TerminateOnNaN(), epochs=2)
        assert "not finite" in capsys.readouterr().out
        assert files == {p: p.read_bytes() for p in (tmp_path / "checkpoint").iterdir()}

    def test_metadata_name_the_weights(self, whole):
        (metadata,) = whole[0].glob("checkpoint/epoch_0002*.json")
        fields = json.loads(metadata.read_text())
        weights = metadata.with_name(fields["weights"])
        assert fields["size"] == weights.stat().st_size
        assert [row["epoch"] for row in fields["epoch_logs"]] == [0, 1]


class TestErrors:
    def test_fewer_batches_than_the_checkpoint_has_steps(self, trainer, tmp_path):
        fit(trainer, tmp_path, before=[callbacks.StopAfter(3)])
        checkpoint = callbacks.Checkpoint(tmp_path / "checkpoint")
        with pytest.raises(ValueError, match="more than 3 batches .*Received: 2 batch"):
            trainer.fit(
                SOURCE[:4], TARGET[:4], batch_size=2, verbose=0, callbacks=[checkpoint]
            )

    def test_checkpoints_of_another_trainer(self, trainer, tmp_path):
        fit(trainer, tmp_path, epochs=1)
        other = tiny.trainer(distillation_losses={})
        with pytest.raises(ValueError, match="`directory` must hold .*Received: "):
            fit(other, tmp_path)

    @pytest.mark.parametrize(
        "arguments", [{"every_minutes": 0}, {"every_minutes": -1.0}, {"every_steps": 0}]
    )
    def test_bad_arguments(self, tmp_path, arguments):
        (name,) = arguments
        with pytest.raises(ValueError, match=f"`{name}` must be .*Received"):
            callbacks.Checkpoint(tmp_path, **arguments)

    def test_not_a_number(self, tmp_path):
        with pytest.raises(ValueError, match="Received: every_minutes=nan"):
            callbacks.Checkpoint(tmp_path, every_minutes=float("nan"))
