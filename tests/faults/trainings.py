"""A small training that is interrupted, resumed, and compared with a whole one."""

import json
import multiprocessing
import pathlib
import signal

import keras
import numpy as np

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
# What a training imports, some of it when it needs it. (What is not installed is left
# out: see tools/check_without_tensorflow.sh.)
_IMPORTED = (
    "tests.faults.small_training",
    "tensorflow",
    "tensorboard.summary.writer.event_file_writer",
    "skimage.metrics",
)
# What the shell is told of each end, besides 0: the training may have ended meanwhile.
_STATUS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130, signal.SIGTERM: 143}


class Trainings:
    """Trainings of one recipe in processes of their own, each in a folder of its own.

    Args:
        folder: Where their folders go.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        # A server has the libraries loaded: each training is forked from it.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(_IMPORTED))
        self.whole = folder / "whole"
        status = self._run(self.whole)
        if status:
            raise RuntimeError(f"the uninterrupted training ended with {status}")
        self.operations = self._log(self.whole).read_text().splitlines()

    def checkpoint_operation(self, kind: str) -> int:
        """Number of an operation by which the second checkpoint is written.

        Args:
            kind: What it does, such as `"fsync"` or `"rename"`.
        """
        numbers = [
            number
            for number, line in enumerate(self.operations, 1)
            if line.startswith(f"{kind} checkpoint")
        ]
        assert len(numbers) >= 2
        return numbers[len(numbers) // 2]

    def interrupt(self, number: int, sent: signal.Signals) -> list[str]:
        """Interrupts a training at a file operation, and resumes it.

        Args:
            number: Which of `operations`, counted from 1.
            sent: The signal.

        Returns:
            In what the end differs from that of the uninterrupted training.
        """
        run = self.folder / f"{number}-{sent.name}"
        status = self._run(run, number, sent)
        if status not in (0, _STATUS[sent]):
            return [f"it ended with {status}"]
        status = self._run(run, resume=True)
        if status:
            return [f"the resumed training ended with {status}"]
        return differences(self.whole, run)

    def _run(self, run, interrupt=None, sent=signal.SIGKILL, resume=False):
        from tests.faults import small_training

        process = self._context.Process(
            target=small_training.train,
            args=(str(run), str(self._log(run)), interrupt, int(sent), resume),
        )
        process.start()
        process.join()
        return process.exitcode

    def _log(self, run):
        return run.with_suffix(".operations")


def differences(whole: pathlib.Path, run: pathlib.Path) -> list[str]:
    """Names of what is not the same, bit for bit, in two folders of runs."""
    different = []
    if (whole / "metrics.csv").read_bytes() != (run / "metrics.csv").read_bytes():
        different.append("metrics.csv")
    for name in ("student", "teacher", "discriminator"):
        one, other = (_weights(folder / f"{name}.keras") for folder in (whole, run))
        if not all(map(np.array_equal, one, other)):
            different.append(f"{name}.keras")
    one, other = (
        json.loads((folder / "results.json").read_text()) for folder in (whole, run)
    )
    if one != other:
        different.append("results.json")
    left = [path.name for path in run.rglob(".crd_keras.*")]
    return different + left


def _weights(path):
    return keras.saving.load_model(path, compile=False).get_weights()
