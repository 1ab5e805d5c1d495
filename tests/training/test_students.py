"""Several students of one teacher: each as if it had been trained alone."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, Student, callbacks, losses, models
from crd_keras.metrics import get_metric
from tests import tiny

SOURCE, TARGET = tiny.images(8, seed=0), tiny.images(8, seed=1)
VGG = models.vgg16_features(weights=None, blocks=2, seed=6)


def students(*names: str) -> dict[str, Student]:
    """Of different sizes and losses, some of which need the same of the teacher."""
    made = {
        "small": lambda: Student(tiny.generator(2, seed=5), LOSSES),
        "large": lambda: Student(tiny.generator(4, seed=5), LOSSES),
        "features": lambda: Student(
            tiny.generator(3, seed=6),
            {
                "channels": losses.ChannelDistillation(["down"]),
                "perceptual": losses.PerceptualLoss(VGG, style_weight=10.0),
            },
            {"channels": 2.0},
        ),
        "pixels": lambda: Student(
            tiny.generator(4, seed=5),
            {"pixels": losses.PixelLoss("l1")},
            adversarial_weight=0.0,
        ),
    }
    result = {}
    for name in names:
        # The adapters of `ChannelDistillation` draw from Keras' own seed.
        keras.utils.set_random_seed(7)
        result[name] = made[name]()
    return result


LOSSES = {
    "relation": losses.ContentRelationLoss(["row", "patch"], patch_size=4),
    "perceptual": losses.PerceptualLoss(VGG),
}


def family(*names: str, **arguments) -> CRDTrainer:
    keras.utils.set_random_seed(7)
    trainer = CRDTrainer(tiny.teacher(), students(*names), **arguments)
    trainer.compile()
    return trainer


def train(trainer: CRDTrainer, folder, epochs: int = 3, seconds=()) -> None:
    """The best teacher changes on the way, and each epoch leaves a checkpoint."""
    evaluation = get_metric("swd"), SOURCE, TARGET
    trainer.fit(
        SOURCE,
        TARGET,
        batch_size=4,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[
            callbacks.BestTeacher(*evaluation, every=1, verbose=False),
            callbacks.BestStudent(*evaluation, every=1, verbose=False),
            callbacks.Checkpoint(folder, verbose=False),
            *seconds,
        ],
    )


def weights(layer) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in layer.variables]


def assert_same(received, expected):
    exact = keras.backend.backend() != "torch"
    for a, b in zip(weights(received), weights(expected), strict=True):
        if exact:
            assert a.tobytes() == b.tobytes()
        else:
            np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    trainer = family("small", "features", "large", "pixels")
    train(trainer, tmp_path_factory.mktemp("whole"))
    return trainer


@pytest.mark.parametrize("name", ["small", "features", "large", "pixels"])
def test_each_is_as_if_trained_alone(whole, tmp_path, name):
    alone = family(name)
    train(alone, tmp_path)
    assert_same(whole.teacher, alone.teacher)
    assert_same(whole.best_teacher, alone.best_teacher)
    assert_same(whole.students[name], alone.students[name])
    assert_same(whole.students[name].optimizer, alone.students[name].optimizer)
