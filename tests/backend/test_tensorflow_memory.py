"""A trainer that is gone leaves no graph behind on TensorFlow."""

import gc
import weakref

import keras
import pytest

from tests import tiny

if keras.backend.backend() != "tensorflow":
    pytest.skip("only TensorFlow has such graphs", allow_module_level=True)

import tensorflow as tf


def test_graphs_end_with_their_trainer(monkeypatch):
    trainer = tiny.trainer()
    graphs = []
    for name in ("update", "batch_losses"):

        def traced(data, step=getattr(trainer, name)):
            graphs.append(weakref.ref(tf.compat.v1.get_default_graph()))
            return step(data)

        monkeypatch.setattr(trainer, name, traced)
    images = tiny.images(2, 0), tiny.images(2, 1)
    trainer.fit(*images, batch_size=2, verbose=0)
    trainer.evaluate(*images, batch_size=2, verbose=0)
    assert [graph().name for graph in graphs] == ["one_step_on_data"] * 2
    monkeypatch.undo()
    del trainer, traced
    gc.collect()
    assert [graph() for graph in graphs] == [None, None]
