"""Writes the flags of recipes, as `Settings` describes them, into docs/recipes.md.

python tools/flag_table.py
"""

import dataclasses
import pathlib
import re

from crd_keras.commands.absl_flags import default_text
from crd_keras.experiment.settings import Settings, grouped_fields
from crd_keras.utils.files import atomic_write

PATH = pathlib.Path(__file__).parents[1] / "docs" / "recipes.md"

_BEGIN = "<!-- Written by tools/flag_table.py -->\n"
_END = "<!-- End of what tools/flag_table.py writes -->\n"


def with_flag_table(document: str) -> str:
    """A document whose flags, between the two marks, are those of `Settings`.

    Raises:
        ValueError: If the document has not both marks, each once.
    """
    if document.count(_BEGIN) != 1 or document.count(_END) != 1:
        raise ValueError(f"`document` must have {_BEGIN!r} and {_END!r}, each once")
    before, rest = document.split(_BEGIN)
    after = rest.split(_END)[1]
    return before + _BEGIN + flag_table() + _END + after


def flag_table() -> str:
    """A heading and a table in Markdown for each group of flags."""
    return "\n" + "".join(
        f"### {group}\n\n| flag | default | meaning |\n| --- | --- | --- |\n"
        + "".join(map(_row, fields))
        + "\n"
        for group, fields in grouped_fields().items()
    )


def _row(field: dataclasses.Field) -> str:
    default = default_text(getattr(Settings(), field.name))
    meaning = field.metadata["help"].replace("|", "\\|")
    # The file that a help names lies beside the document.
    meaning = re.sub(r"docs/(\w+\.md)", r"[\1](\1)", meaning)
    if choices := field.metadata["choices"]:
        meaning += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    return f"| `--{field.name}` | {f'`{default}`' if default else ''} | {meaning} |\n"


if __name__ == "__main__":
    atomic_write(PATH, with_flag_table(PATH.read_text()).encode())
