"""Signals end a program with a line, at once or when it suits."""

import os
import signal

import pytest

from crd_keras.utils.interruption import Interruption

pytestmark = pytest.mark.any_backend


def send(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_line_and_the_exit_status(capsys, number, status):
    former = signal.getsignal(number)
    with pytest.raises(SystemExit) as error, Interruption(lambda: "Stopped here"):
        send(number)
        pytest.fail("not reached")
    assert error.value.code == status
    assert capsys.readouterr() == ("", "Stopped here\n")
    assert signal.getsignal(number) is former


def test_a_signal_waits_until_it_suits(capsys):
    done = []
    with pytest.raises(SystemExit) as error, Interruption(lambda: str(done)) as it:
        it.hold()
        send(signal.SIGTERM)
        done.append("work")
        it.release()
        done.append("more")
    assert error.value.code == 143
    assert capsys.readouterr().err == "['work']\n"


def test_the_second_signal_does_not_wait(capsys):
    with pytest.raises(SystemExit) as error, Interruption(lambda: "Stopped") as it:
        it.hold("Wait for it")
        send(signal.SIGTERM)
        send(signal.SIGINT)
        pytest.fail("not reached")
    assert error.value.code == 130
    assert capsys.readouterr().err == "Wait for it\nStopped\n"


def test_a_long_wait_is_announced_also_after_the_signal(capsys):
    with pytest.raises(SystemExit), Interruption(lambda: "Stopped") as it:
        it.hold()
        send(signal.SIGINT)
        it.hold("This takes long")
        it.release()
    assert capsys.readouterr().err == "This takes long\nStopped\n"


def test_no_signal():
    with Interruption(lambda: "Stopped") as it:
        it.hold()
        it.release()
    with pytest.raises(ValueError, match="other"), Interruption(lambda: "Stopped"):
        raise ValueError("other")
