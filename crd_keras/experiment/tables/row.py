"""A row of a table, and a table of rows."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from crd_keras.experiment.settings import Settings


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
    def slug(self) -> str:
        """The name of the row's folder."""
        return slug(self.name)


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


def slug(name: str) -> str:
    """The name of a row as the name of a folder."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")
