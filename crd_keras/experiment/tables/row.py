"""A row of a table, and a table of rows."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.settings import Settings
from crd_keras.experiment.students import student_settings
from crd_keras.experiment.tables.paper import PaperRow

# What stands for the numbers of a row that this project cannot train.
NOT_RUN = "not run here"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: the same base settings with one change.

    Attributes:
        name: What the row is called.
        paper: The row in the paper.
        preset: The preset of the recipe that runs it.
        base: The settings of the table before the change.
        changes: The settings that are other than the base's, by name.
        network: Whose scores the row shows: `"student"` or `"teacher"`.
        pretrained: Settings that are a file of a trained discriminator, by name. It is
            that of another row's run with the same seed.
        is_run: Whether this project can train what the row is about.
    """

    name: str
    paper: PaperRow
    preset: str
    base: Settings
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    network: str = "student"
    pretrained: Mapping[str, "Row"] = dataclasses.field(default_factory=dict)
    is_run: bool = True

    @property
    def recipe(self) -> str:
        """The recipe that runs it."""
        return self.paper.dataset

    @property
    def is_method(self) -> bool:
        """Whether it is the whole method, with which the others are compared."""
        unchanged = not self.changes and not self.pretrained
        return self.is_run and unchanged and self.network == "student"

    @property
    def settings(self) -> Settings:
        return dataclasses.replace(self.base, **self.changes)

    @property
    def described_changes(self) -> dict[str, Any]:
        """The changes, with the rows whose discriminators are in them, by name."""
        rows = {k: f"discriminator of {x.name}" for k, x in self.pretrained.items()}
        return {**self.changes, **rows}

    @property
    def student(self) -> dict[str, Any]:
        """The settings in which the row may differ from others of its teacher."""
        return student_settings(self._of_several)

    @property
    def training(self) -> Settings:
        """The other settings, with the base's student: rows share a run by them."""
        return dataclasses.replace(self._of_several, **student_settings(self.base))

    @property
    def _of_several(self) -> Settings:
        """The settings, such that a student of a shared teacher can have them.

        One that is not shown to the discriminator learns as one that learns nothing
        from it. To the teacher it makes no difference.
        """
        settings = self.settings
        if settings.discriminator_regime != "none":
            return settings
        return dataclasses.replace(
            settings,
            discriminator_regime=self.base.discriminator_regime,
            adversarial_weight=0.0,
        )


@dataclasses.dataclass(frozen=True)
class Table:
    """A table of the paper.

    Attributes:
        number: Its number.
        title: What it compares.
        preset: The preset that its rows start from.
        rows: Its rows, in the paper's order.
    """

    number: int
    title: str
    preset: str
    rows: tuple[Row, ...]

    @property
    def run_rows(self) -> tuple[Row, ...]:
        """The rows that this project can train."""
        return tuple(row for row in self.rows if row.is_run)
