"""The losses on final images in the trainer."""

import keras
import numpy as np
import pytest

from crd_keras.losses import (
    InstanceRelationLoss,
    PixelLoss,
    WaveletLoss,
    omgd_losses,
)
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)


def features():
    """Two feature maps of images of any size."""
    inputs = keras.Input((None, None, 3))
    first = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    return keras.Model(inputs, [first, keras.layers.Conv2D(4, 3, strides=2)(first)])


def test_two_steps_with_all_of_them():
    losses, weights = omgd_losses(features())
    losses |= {
        "relation": InstanceRelationLoss(),
        "l1": PixelLoss("l1"),
        "l2": PixelLoss("l2"),
        "wavelet": WaveletLoss(levels=2),
    }
    trainer = tiny.trainer(
        paired=True, distillation_losses=losses, distillation_loss_weights=weights
    )
    # Unweighted terms, by the names that the losses give them: means over the batch,
    # also of a loss that is the sum over its four images.
    images = {"sum": 4.0}
    term_weights = {
        term: weights.get(name, 1.0) * weight * images.get(loss.reduction, 1.0)
        for name, loss in losses.items()
        for term, weight in loss.term_weights.items()
    }
    assert len(term_weights) == 9

    before = [keras.ops.copy(v) for v in trainer.student.trainable_variables]
    history = trainer.fit(SOURCE, TARGET, batch_size=4, verbose=0).history
    logs = {name: values[0] for name, values in history.items()}
    assert all(logs[term] > 0 for term in term_weights)
    total = sum(weight * logs[term] for term, weight in term_weights.items())
    assert logs["loss"] - logs["adversarial"] == pytest.approx(total, rel=1e-5)
    for new, old in zip(trainer.student.trainable_variables, before, strict=True):
        new, old = (keras.ops.convert_to_numpy(x) for x in (new, old))
        assert np.isfinite(new).all()
        assert not np.array_equal(new, old)
