"""What TensorFlow keeps of a step: no graph without its trainer, all that it needs."""

import gc
import weakref

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer
from crd_keras.losses import PixelLoss
from tests import tiny

if keras.backend.backend() != "tensorflow":
    pytest.skip("only TensorFlow has such graphs", allow_module_level=True)

import tensorflow as tf


class Doubled(keras.layers.Layer):
    """Twice its input, by a `tf.function` with a gradient of its own."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.function = tf.function(
            tf.custom_gradient(lambda x: (2 * x, lambda upstream: 2 * upstream))
        )

    def call(self, inputs):
        return self.function(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape  # Without it the function would be traced here already.


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


def test_functions_of_a_network_keep_their_gradients():
    """They are traced once, here by `evaluate`; `fit` differentiates them later."""
    images = tiny.images(2, 0), tiny.images(2, 1)
    trained = []
    for layer in (Doubled(), keras.layers.Rescaling(2.0)):
        inputs = keras.Input((None, None, 3))
        student = keras.Model(inputs, layer(tiny.generator(4, seed=5)(inputs)))
        trainer = CRDTrainer(tiny.paired_teacher(), student, {"l1": PixelLoss("l1")})
        trainer.compile()
        trainer.evaluate(*images, batch_size=2, verbose=0)
        trainer.fit(*images, batch_size=2, verbose=0)
        trained.append(student.get_weights())
    for received, expected in zip(*trained, strict=True):
        np.testing.assert_allclose(received, expected, atol=1e-6)
