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


def family(*names: str, teacher=tiny.teacher, **arguments) -> CRDTrainer:
    keras.utils.set_random_seed(7)
    trainer = CRDTrainer(teacher(), students(*names), **arguments)
    trainer.compile()
    return trainer


def train(trainer: CRDTrainer, folder, more=(), **arguments) -> None:
    """The best teacher changes on the way, and each epoch leaves a checkpoint."""
    evaluation = get_metric("swd"), SOURCE, TARGET
    trainer.fit(
        SOURCE,
        TARGET,
        batch_size=4,
        epochs=3,
        shuffle=False,
        verbose=0,
        callbacks=[
            callbacks.BestTeacher(*evaluation, every=1, verbose=False),
            callbacks.BestStudent(*evaluation, every=1, verbose=False),
            callbacks.Checkpoint(folder, verbose=False, **arguments),
            *more,
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


# The losses of `small` are those of `large`.
@pytest.mark.parametrize("name", ["features", "large", "pixels"])
def test_each_is_as_if_trained_alone(whole, tmp_path, name):
    alone = family(name)
    train(alone, tmp_path)
    assert_same(whole.teacher, alone.teacher)
    assert_same(whole.best_teacher, alone.best_teacher)
    assert_same(whole.students[name], alone.students[name])
    assert_same(whole.students[name].optimizer, alone.students[name].optimizer)


def test_resumed_in_the_middle_of_an_epoch(whole, tmp_path):
    class Kill(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1
            if self.steps == 4:  # Of 2 in an epoch.
                raise KeyboardInterrupt

    # As there, though fewer: to compile the step of all takes longer.
    names = ("features", "pixels")
    with pytest.raises(KeyboardInterrupt):
        train(family(*names), tmp_path, every_steps=1, more=[Kill()])
    resumed = family(*names)
    train(resumed, tmp_path, every_steps=1)
    for name, student in resumed.students.items():
        assert_same(student, whole.students[name])
        assert_same(student.optimizer, whole.students[name].optimizer)


def test_each_is_as_if_trained_alone_in_bfloat16(tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        both, alone = (
            family(*names, teacher=tiny.paired_teacher)
            for names in (("small", "pixels"), ("pixels",))
        )
    finally:
        keras.config.set_dtype_policy(before)
    for trainer in (both, alone):
        trainer.fit(SOURCE, TARGET, batch_size=4, shuffle=False, verbose=0)
    assert both.students["pixels"].network.layers[1].compute_dtype == "bfloat16"
    assert_same(both.teacher, alone.teacher)
    assert_same(both.students["pixels"], alone.students["pixels"])


def test_equal_terms_of_the_teacher_are_computed_once():
    trainer = family("small", "large", "features")
    # Rows and patches of the two that share them; one perceptual loss has other
    # weights, but looks at the same features.
    terms = [x.function.__name__ for x in trainer._step._teacher_terms]
    assert terms == ["_squared_distances", "_squared_distances", "_grams_and_features"]


def test_logs_have_the_students_names(whole):
    logs = whole.evaluate(SOURCE, TARGET, batch_size=8, verbose=0, return_dict=True)
    names = {name.partition("/")[0] for name in logs if "/" in name}
    assert names == set(whole.students)
    assert logs["pixels/loss"] == logs["pixels/pixel_l1"]
    assert "pixels/adversarial" not in logs and "small/adversarial" in logs
    assert {x for x in whole.losses_trained() if "/" in x} == {
        x for x in logs if "/" in x
    }


def test_the_best_of_each_is_kept(whole):
    scores = {k: float(x.best.score.numpy()) for k, x in whole.students.items()}
    assert len(set(scores.values())) == 4 and min(scores.values()) > 0
    for student in whole.students.values():
        assert student.best.exists


def test_saved_and_loaded_with_all_its_state(whole, tmp_path):
    whole.save(tmp_path / "trainer.keras")
    loaded = keras.saving.load_model(tmp_path / "trainer.keras")
    assert list(loaded.students) == list(whole.students)
    assert loaded.students["features"].loss.weights == {"channels": 2.0}
    # What they had in common they have in common again.
    networks = [loaded.students[name].loss_networks[0] for name in ("small", "large")]
    assert networks[0] is networks[1]
    for name, student in loaded.students.items():
        for a, b in zip(weights(student), weights(whole.students[name]), strict=True):
            np.testing.assert_array_equal(a, b)
        iterations = student.optimizer.iterations
        assert int(iterations.numpy()) == 6


def test_predictions_by_name(whole):
    predictions = whole.predict(SOURCE, verbose=0)
    network = whole.students["large"].network
    np.testing.assert_allclose(
        predictions["large"], network.predict(SOURCE, verbose=0), atol=1e-6
    )


class TestBadInput:
    def test_one_model_twice(self):
        network = tiny.generator(4, seed=5)
        with pytest.raises(ValueError, match="`students` must be different models"):
            CRDTrainer(tiny.teacher(), {"a": network, "b": network}, {})

    @pytest.mark.parametrize("name", ["", "a/b", "with space", 3])
    def test_names(self, name):
        with pytest.raises(ValueError, match="`students` must have names of letters"):
            CRDTrainer(tiny.teacher(), {name: tiny.generator(4, seed=5)}, {})

    def test_none(self):
        with pytest.raises(ValueError, match="`students` must name at least one"):
            CRDTrainer(tiny.teacher(), {}, {})

    def test_shapes(self):
        grey = keras.Sequential(
            [keras.Input((None, None, 3)), keras.layers.Conv2D(1, 1)]
        )
        with pytest.raises(
            ValueError, match=r"`students\['grey'\]` must have the input"
        ):
            CRDTrainer(
                tiny.teacher(), {"good": tiny.generator(4, seed=5), "grey": grey}, {}
            )

    def test_updating_takes_one(self):
        with pytest.raises(ValueError, match="takes a single student.*Received: 2"):
            family("small", "large", discriminator_regime="updating")

    def test_a_student_of_two_trainers(self):
        taken = students("small")
        CRDTrainer(tiny.teacher(), taken)
        with pytest.raises(ValueError, match="must be new ones.*another trainer"):
            CRDTrainer(tiny.teacher(), taken)

    def test_optimizers_of_other_names(self):
        trainer = CRDTrainer(tiny.teacher(), students("small", "large"))
        with pytest.raises(ValueError, match="`student_optimizer` must be an.*smaall"):
            trainer.compile(student_optimizer={"smaall": "adam", "large": "adam"})

    def test_there_is_no_single_one(self, whole):
        with pytest.raises(AttributeError):
            whole.student  # noqa: B018
        with pytest.raises(ValueError, match="`student` must name one.*student=None"):
            whole.export("student.onnx", "onnx")
