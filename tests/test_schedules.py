import keras
import numpy as np
import pytest

from crd_keras.schedules import (
    Joint,
    LinearDecay,
    Phased,
    StudentOnly,
    get_schedule,
)


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


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`schedule` must.*Received: schedule='now'"):
        get_schedule("now")
    with pytest.raises(ValueError, match="`teacher_epochs.* at least 1. Received: 0"):
        Phased(0, 4)
    with pytest.raises(ValueError, match="`decay_steps` must be.* 1. Received: 0"):
        LinearDecay(1e-3, 5, 0)
    with pytest.raises(ValueError, match="`constant_steps` must.*Received: -1"):
        LinearDecay(1e-3, -1, 2)
