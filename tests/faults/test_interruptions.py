"""A training that is killed at any moment ends like one that was not.

The whole of it: `python -m tests.faults`.
"""

import signal

import keras
import pytest

from tests.faults.trainings import Trainings

# The one that compiles nothing is fastest; what is written does not depend on it.
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="one backend is enough, the fastest"
)


@pytest.fixture(scope="module")
def trainings(tmp_path_factory):
    return Trainings(tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize(
    ("operation", "sent"),
    [
        ("fsync", signal.SIGKILL),
        ("rename", signal.SIGKILL),
        ("rename", signal.SIGINT),
    ],
)
def test_second_checkpoint(trainings, operation, sent):
    number = trainings.checkpoint_operation(operation)
    assert trainings.interrupt(number, sent) == []
