import keras
import numpy as np
import pytest

from crd_keras.schedules import (
    EpochRates,
    Joint,
    LinearDecay,
    Phased,
    StudentOnly,
    get_schedule,
    learning_rates,
)
from tests import tiny


def test_joint():
    schedule = Joint()
    assert [schedule.trains(epoch) for epoch in (0, 1, 99)] == [(True, True)] * 3
    assert [schedule.teacher_epochs(epoch) for epoch in (0, 1, 99)] == [1, 2, 100]
    assert [schedule.student_epochs(epoch) for epoch in (0, 1, 99)] == [1, 2, 100]


def test_phased():
    schedule = Phased(2, 3)
    teacher = "TTSSSTTSSST"
    expected = [(letter == "T", letter == "S") for letter in teacher]
    assert [schedule.trains(epoch) for epoch in range(11)] == expected
    epochs = [1, 2, 2, 2, 2, 3, 4, 4, 4, 4, 5]
    assert [schedule.teacher_epochs(epoch) for epoch in range(11)] == epochs
    epochs = [0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 6]
    assert [schedule.student_epochs(epoch) for epoch in range(11)] == epochs


def test_phased_as_published():
    schedule = get_schedule("phased")
    assert sum(teacher for teacher, _ in map(schedule.trains, range(100))) == 20
    assert schedule.trains(9) == (True, False)
    assert schedule.trains(10) == schedule.trains(49) == (False, True)
    assert schedule.trains(50) == (True, False)
    assert schedule.teacher_epochs(49) == 10


def test_student_only():
    schedule = get_schedule("student_only")
    assert type(schedule) is StudentOnly
    assert [schedule.trains(epoch) for epoch in (0, 99)] == [(False, True)] * 2
    assert [schedule.teacher_epochs(epoch) for epoch in (0, 99)] == [0, 0]
    assert [schedule.student_epochs(epoch) for epoch in (0, 99)] == [1, 100]


def test_schedules_by_name_and_config():
    assert type(get_schedule("joint")) is Joint
    schedule = Phased(3, 4)
    assert get_schedule(schedule) is schedule
    config = keras.saving.serialize_keras_object(schedule)
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is Phased
    assert restored.get_config() == schedule.get_config()
    config = keras.saving.serialize_keras_object(Joint())
    assert type(keras.saving.deserialize_keras_object(config)) is Joint


def test_linear_decay():
    schedule = LinearDecay(2e-4, constant_steps=10, decay_steps=20)
    steps = [0, 9, 10, 11, 15, 20, 29, 30, 31, 1000]
    expected = np.array([20, 20, 20, 19, 15, 10, 1, 0, 0, 0]) * 1e-5
    rates = [float(schedule(step)) for step in steps]
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-10)
    config = keras.saving.serialize_keras_object(schedule)
    restored = keras.saving.deserialize_keras_object(config)
    assert float(restored(15)) == float(schedule(15))


def test_linear_decay_of_an_optimizer():
    optimizer = keras.optimizers.SGD(LinearDecay(1.0, 2, 4))
    variable = keras.Variable(np.zeros(1), dtype="float32")
    moves = []
    for _ in range(8):
        before = variable.numpy()[0]
        optimizer.apply([keras.ops.ones(1)], [variable])
        moves.append(before - variable.numpy()[0])
    np.testing.assert_allclose(moves, [1, 1, 1, 0.75, 0.5, 0.25, 0, 0], atol=1e-6)


def test_rates_of_epochs():
    rates = EpochRates([3.0, 2.0, 0.5], steps_per_epoch=4)
    found = [float(rates(step)) for step in (0, 3, 4, 7, 8, 11, 12, 100)]
    assert found == [3, 3, 2, 2, 0.5, 0.5, 0.5, 0.5]
    config = keras.saving.serialize_keras_object(rates)
    restored = keras.saving.deserialize_keras_object(config)
    assert float(restored(5)) == 2


def published_rates(constant, decay):
    """Of the teacher's epochs, counted from 1 as in the programs of the GANs."""
    return [
        1 - max(0, epoch - constant) / (decay + 1)
        for epoch in range(1, constant + decay + 1)
    ]


def test_published_learning_rates():
    # 200 epochs of the teacher, and after every 10 of them 40 of the student.
    rates = learning_rates(
        "phased", 2e-4, epochs=1000, decay_epochs=100, steps_per_epoch=3
    )
    teacher = 2e-4 * np.array(published_rates(100, 100))
    np.testing.assert_allclose(rates.generator.rates, teacher, rtol=1e-12)
    np.testing.assert_allclose(rates.discriminator.rates, teacher, rtol=1e-12)
    assert len(rates.student.rates) == 800
    np.testing.assert_allclose(
        rates.student.rates, np.repeat(teacher[9::10], 40), rtol=1e-12
    )
    assert rates.generator.rates[99:101] == [2e-4, 2e-4 * (1 - 1 / 101)]
    assert rates.student.rates[-1] == pytest.approx(2e-4 / 101)


def test_the_papers_learning_rates():
    rates = learning_rates(
        "joint", 2e-4, epochs=100, decay_epochs=100, steps_per_epoch=3
    )
    expected = 2e-4 * np.arange(100, 0, -1) / 101
    for each in rates:
        np.testing.assert_allclose(each.rates, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("schedule", "regime", "generator", "discriminator", "student"),
    [
        # Of 6 epochs, the last 3 with 3/4, 2/4 and 1/4 of the rate.
        ("joint", "updating-freezing", *["444321"] * 3),
        # Two steps of the discriminators' optimizer in each step.
        ("joint", "updating", "444321", "444444332211", "444321"),
        # TTSTTS: 4 epochs of the teacher.
        (Phased(2, 1), "updating-freezing", "4321", "4321", "31"),
        (Phased(2, 1), "updating", "4321", "433211", "31"),
        ("student_only", "updating-freezing", "4", "4", "444321"),
    ],
)
def test_learning_rates_over_a_whole_run(
    schedule, regime, generator, discriminator, student
):
    """The rates that the optimizers have in each step of a training."""
    rates = learning_rates(schedule, 4e-3, 6, 3, 2, regime)
    trainer = tiny.trainer(
        paired=True, compiled=False, schedule=schedule, discriminator_regime=regime
    )
    optimizers = [keras.optimizers.SGD(rate) for rate in rates]
    trainer.compile(*optimizers)
    images = tiny.images(4, seed=0)
    trainer.fit(images, images, batch_size=2, epochs=6, verbose=0)
    digits = (generator, discriminator, student)
    for optimizer, rate, per_epoch in zip(optimizers, rates, digits, strict=True):
        taken = int(optimizer.iterations)
        found = [float(rate(step)) for step in range(taken)]
        assert float(optimizer.learning_rate) == pytest.approx(float(rate(taken)))
        if schedule == "student_only" and per_epoch == "4":
            assert found == []
            continue
        expected = np.repeat([int(digit) for digit in per_epoch], 2) * 1e-3
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`schedule` must.*Received: schedule='now'"):
        get_schedule("now")
    with pytest.raises(ValueError, match="`teacher_epochs.* at least 1. Received: 0"):
        Phased(0, 4)
    with pytest.raises(ValueError, match="`rates` must hold at least one.*none"):
        EpochRates([], 1)
    with pytest.raises(ValueError, match=r"`rates\[1\]` must be.*Received: -1"):
        EpochRates([1.0, -1.0], 1)
    with pytest.raises(ValueError, match="`decay_epochs` must be.*Received: -1"):
        learning_rates("joint", 1e-3, 4, -1, 2)
    with pytest.raises(ValueError, match="`decay_steps` must be.* 1. Received: 0"):
        LinearDecay(1e-3, 5, 0)
    with pytest.raises(ValueError, match="`constant_steps` must.*Received: -1"):
        LinearDecay(1e-3, -1, 2)
