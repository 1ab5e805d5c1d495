"""Beginning an epoch in its middle."""

from typing import Any


def skip_batches(epoch_iterator: Any, count: int) -> None:
    """Has the next epoch begin at a later step. The epochs after it are whole.

    Keras' `fit` begins at a later epoch, but not at a later step. On each backend it
    takes steps from a `keras.src.trainers.epoch_iterator.EpochIterator`.

    Args:
        epoch_iterator: That of the running `fit`.
        count: How many batches are read and left out.

    Raises:
        ValueError: In the epoch, if it has no more batches than that.
    """
    all_steps = epoch_iterator._enumerate_iterator

    def later_steps():
        epoch_iterator._enumerate_iterator = all_steps
        is_empty = True
        for first, last, batches in all_steps():
            if first >= count:
                is_empty = False
                yield first, last, batches
                continue
            for _ in range(first, last + 1):
                if next(batches, None) is None:
                    break
        if is_empty:
            raise ValueError(
                f"The data must have more than {count} batches in an epoch, as when "
                "the checkpoint that the training goes on from was written. "
                f"Received: {last + 1} batches"
            )

    epoch_iterator._enumerate_iterator = later_steps
