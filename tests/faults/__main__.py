"""Interrupts a small training at moments spread over all its file operations.

    KERAS_BACKEND=torch python -m tests.faults --moments=30

Each time the training is resumed, and compared bit for bit with one that was not
interrupted. SIGKILL, SIGINT and SIGTERM take turns. Exits with 1 if a run differs.
"""

import argparse
import pathlib
import tempfile

from tests.faults.trainings import SIGNALS, Trainings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=30, help="Default: 30.")
    moments = parser.parse_args().moments
    with tempfile.TemporaryDirectory() as folder:
        trainings = Trainings(pathlib.Path(folder))
        count = len(trainings.operations)
        print(f"The training has {count} file operations.", flush=True)
        good = 0
        for i in range(moments):
            number = 1 + i * (count - 1) // max(1, moments - 1)
            sent = SIGNALS[i % len(SIGNALS)]
            different = trainings.interrupt(number, sent)
            good += not different
            print(
                f"{i + 1:3}  {sent.name:8} at {number:4}: "
                f"{trainings.operations[number - 1]:60} "
                f"{', '.join(different) or 'the same'}",
                flush=True,
            )
    print(f"{good} of {moments} ended like the uninterrupted training.")
    raise SystemExit(good < moments)


if __name__ == "__main__":
    main()
