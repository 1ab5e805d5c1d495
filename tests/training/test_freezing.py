import keras
import numpy as np
import pytest

from crd_keras.models import patch_discriminator
from crd_keras.training.freezing import frozen


def discriminator():
    """A discriminator inside another model, with moving statistics of its own."""
    inner = patch_discriminator((32, 32, 3), 4, layers=2, norm="batch", seed=0)
    x = keras.Input((32, 32, 3))
    norm = keras.layers.BatchNormalization(momentum=0.7)
    model = keras.Model(x, inner(norm(x)))
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            w + rng.uniform(0, 0.5, w.shape).astype("float32")
            for w in model.get_weights()
        ]
    )
    return model


def images():
    shape = (3, 32, 32, 3)
    return np.random.default_rng(1).uniform(-1, 1, shape).astype("float32")


def state(model):
    """Everything that freezing sets, of every layer."""
    return [
        (layer.name, layer.trainable, getattr(layer, "momentum", None))
        for layer in model._flatten_layers()
    ]


def run(model, **kwargs):
    return keras.ops.convert_to_numpy(model(images(), **kwargs))


def test_its_output_is_that_of_training_and_its_statistics_stay():
    model = discriminator()
    before = model.get_weights()
    with frozen(model):
        result = run(model, training=True)
        for old, new in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(new, old)
    with_moving_statistics = run(model, training=False)
    expected = run(model, training=True)
    np.testing.assert_array_equal(result, expected)
    assert np.abs(with_moving_statistics - expected).max() > 0.01
    # Outside of the context the statistics move again.
    changed = [np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True)]
    # Mean and variance of the outer normalisation and of two in the inner model.
    assert sum(changed) == 6


def test_everything_is_restored():
    model = discriminator()
    model.layers[-1].layers[1].trainable = False
    before = state(model)
    trainable = [v.path for v in model.trainable_variables]
    with frozen(model):
        assert state(model) != before
        convolutions = [
            layer
            for layer in model._flatten_layers()
            if isinstance(layer, keras.layers.Conv2D)
        ]
        assert convolutions
        assert not any(layer.trainable_variables for layer in convolutions)
    assert state(model) == before
    assert [v.path for v in model.trainable_variables] == trainable
    assert {momentum for _, _, momentum in before} >= {0.7}


def test_everything_is_restored_after_an_error():
    model = discriminator()
    before = state(model)
    with pytest.raises(RuntimeError, match="in between"):
        with frozen(model):
            raise RuntimeError("in between")
    assert state(model) == before


def test_a_frozen_model_stays_frozen():
    model = discriminator()
    model.trainable = False
    before = state(model)
    with frozen(model):
        with frozen(model):
            run(model, training=True)
    assert state(model) == before
    assert not model.trainable_variables


def test_a_shared_layer_that_was_not_trainable_stays_so():
    """As a VGG is that the losses of two students look through."""

    class Holder(keras.layers.Layer):
        def __init__(self, held):
            super().__init__()
            self.held = held

    shared = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    shared.trainable = False
    model = Holder([Holder(shared), Holder(shared)])
    before = state(model)
    assert not shared.trainable and model.trainable
    with frozen(model):
        pass
    assert state(model) == before
