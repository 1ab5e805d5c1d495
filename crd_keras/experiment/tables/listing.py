"""A table's rows in the paper, and what they are here: without any training."""

import dataclasses

from crd_keras.experiment.tables.paper_text import (
    changes_text,
    footnotes,
    marked_name,
    paper_texts,
)
from crd_keras.experiment.tables.row import NOT_RUN, Table
from crd_keras.utils.text_table import text_table


def table_list(table: Table) -> str:
    """The rows with the paper's numbers, and the settings that each changes.

    Args:
        table: The table.

    Returns:
        Lines to read: the title, a line for each row, and the footnotes.
    """
    papers = {row.name: dataclasses.asdict(row.paper) for row in table.rows}
    headings, *numbers = paper_texts(list(papers.values()))
    lines = [["", *headings, "change"]]
    for row, cells in zip(table.rows, numbers, strict=True):
        change = changes_text(row.described_changes, row.network)
        lines.append(
            [
                marked_name(row.name, papers[row.name]),
                *cells,
                change if row.is_run else NOT_RUN,
            ]
        )
    title = f"Table {table.number}: {table.title} (preset {table.preset})"
    return "\n".join([title, text_table(lines), *footnotes(papers)])
