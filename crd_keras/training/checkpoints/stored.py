"""What a checkpoint's metadata say."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class StoredCheckpoint:
    """A training as it was between two steps.

    Attributes:
        weights: The `.weights.h5` file of all that the trainer and its optimizers hold.
        metadata: The file that says the rest.
        epoch: How many epochs were finished.
        step: How many steps of the next epoch were taken.
        epoch_logs: The logs of the finished epochs, each with its number, counted from
            0, as `epoch`.
        seeds: The states of the trainer's random numbers, in the order of its
            variables; `None` if they are not known.
        running_means: The values of the trainer's metrics, in the order of their
            variables, within an epoch.
    """

    weights: pathlib.Path
    metadata: pathlib.Path
    epoch: int
    step: int = 0
    epoch_logs: Sequence[Mapping[str, float | str]] = ()
    seeds: Sequence[Sequence[int]] | None = None
    running_means: Sequence[float | Sequence] = ()

    @property
    def position(self) -> tuple[int, int]:
        return self.epoch, self.step

    def describe(self) -> str:
        """Where it was written, counted as people do."""
        if self.step:
            return f"step {self.step} of epoch {self.epoch + 1}"
        return f"epoch {self.epoch}" if self.epoch else "the beginning"

    def to_json(self, size: int, sha256: str) -> bytes:
        """The metadata of weights of this size in bytes and this checksum."""
        fields = {
            "weights": self.weights.name,
            "size": size,
            "sha256": sha256,
            "epoch": self.epoch,
            "step": self.step,
            "seeds": self.seeds,
            "running_means": self.running_means,
            "epoch_logs": self.epoch_logs,
        }
        return json.dumps(fields).encode()

    @classmethod
    def from_json(cls, path: pathlib.Path) -> tuple["StoredCheckpoint", int, str]:
        """Reads metadata.

        Returns:
            The checkpoint, and size and checksum that its weights should have.

        Raises:
            ValueError: If the file says no such thing.
        """
        try:
            fields = json.loads(path.read_bytes())
            numbers = fields["epoch"], fields["step"], fields["size"]
            logs = fields["epoch_logs"]
            if not all(type(number) is int and number >= 0 for number in numbers):
                raise ValueError("no numbers")
            if not all(isinstance(epoch["epoch"], int) for epoch in logs):
                raise ValueError("no logs")
            weights = path.with_name(pathlib.Path(fields["weights"]).name)
            state = fields["seeds"], fields["running_means"]
            stored = cls(weights, path, *numbers[:2], logs, *state)
            return stored, numbers[2], str(fields["sha256"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("it is no metadata of a checkpoint") from error
