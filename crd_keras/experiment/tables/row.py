"""A row of a table, and a table of rows."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.settings import Settings
from crd_keras.experiment.students import student_settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: the same base settings with one change.

    Attributes:
        name: What the row is called.
        recipe: The recipe that runs it.
        preset: The recipe's preset.
        base: The settings of the table before the change.
        changes: The settings that are other than the base's, by name.
        network: Whose scores the row shows: `"student"` or `"teacher"`.
        paper: The FID in the paper; `None` where it is not known.
        discriminator_of: Name of the row whose run, with the same seed, has trained
            the discriminator that this row begins with.
    """

    name: str
    recipe: str
    preset: str
    base: Settings
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    network: str = "student"
    paper: float | None = None
    discriminator_of: str | None = None

    @property
    def settings(self) -> Settings:
        return dataclasses.replace(self.base, **self.changes)

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
        rows: Its rows.
    """

    number: int
    title: str
    preset: str
    rows: tuple[Row, ...]
