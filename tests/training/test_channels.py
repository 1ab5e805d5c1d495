"""Source and target images of different channels, on each backend."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, gans, losses, models
from crd_keras.models.seeds import SeededNormal
from tests import tiny


def generator(source, target, seed):
    """Two convolutions, which compile in no time."""
    inputs = keras.Input((None, None, source))
    x = keras.layers.Conv2D(2, 2, strides=2, kernel_initializer=SeededNormal(0.1, seed))
    outputs = keras.layers.Conv2DTranspose(target, 2, strides=2, activation="tanh")
    return keras.Model(inputs, outputs(x(inputs)))


def discriminator(channels, seed):
    return models.patch_discriminator((None, None, channels), 2, layers=1, seed=seed)


def features(channels=3):
    inputs = keras.Input((None, None, channels))
    first = keras.layers.Conv2D(2, 3)(inputs)
    return keras.Model(inputs, [first, keras.layers.Conv2D(2, 3)(first)])


def cycle_gan(source, target, **arguments):
    return gans.CycleGAN(
        generator(source, target, 1),
        generator(target, source, 2),
        discriminator(target, 3),
        discriminator(source, 4),
        **{"pool_size": 2, "seed": 0, **arguments},
    )


def test_a_step():
    source, target = 3, 1
    trainer = CRDTrainer(
        cycle_gan(source, target, identity_weight=0),
        generator(source, target, 5),
        {
            "relation": losses.ContentRelationLoss("row"),
            "perceptual": losses.PerceptualLoss(features()),
        },
    )
    trainer.compile()
    x, y = tiny.images(2, 0), tiny.images(2, 1)[..., :target]
    history = trainer.fit(x, y, batch_size=1, verbose=0).history
    assert all(np.isfinite(values[-1]) for values in history.values())
    assert trainer.teacher.pool.images.shape[1:] == y.shape[1:]
    assert trainer.teacher.inverse_pool.images.shape[1:] == x.shape[1:]
    with pytest.raises(ValueError, match="`y` must hold images of the shape"):
        trainer.fit(x, x, verbose=0)


def test_stored_images_of_other_channels():
    source, target = 3, 1
    trainer = CRDTrainer(
        gans.StoredTeacher(discriminator(source + target, 1)),
        generator(source, target, 2),
        {"l1": losses.PixelLoss("l1")},
    )
    trainer.compile()
    x, y, taught = (tiny.images(2, seed) for seed in range(3))
    y, taught = y[..., :target], taught[..., :target]
    history = trainer.fit(x, (taught, y), batch_size=1, verbose=0).history
    assert all(np.isfinite(values[-1]) for values in history.values())
    with pytest.raises(ValueError, match=r"`y\[0\]` must hold images of the shape"):
        trainer.fit(x, (x, y), verbose=0)


def test_the_perceptual_loss_of_grey_images_is_that_of_three_equal_channels():
    loss = losses.PerceptualLoss(features())
    a, b = (tiny.images(2, seed)[..., :1] for seed in (0, 1))
    received, expected = (
        keras.ops.convert_to_numpy(loss(*images))
        for images in ((a, b), (np.repeat(a, 3, -1), np.repeat(b, 3, -1)))
    )
    np.testing.assert_allclose(received, expected, rtol=1e-6)


@pytest.mark.any_backend
def test_what_knows_no_such_channels():
    with pytest.raises(ValueError, match="`features` must take images of 4 channels"):
        losses.PerceptualLoss(features()).check_images((1, 16, 16, 4))
    with pytest.raises(ValueError, match="`identity_weight` must be 0"):
        cycle_gan(1, 3)
