"""Tables of plain text."""

from collections.abc import Sequence


def text_table(rows: Sequence[Sequence[object]]) -> str:
    """Puts rows into columns as wide as what is in them.

    Args:
        rows: The cells of each row, as many in each. The headings, if any, are the
            first row.

    Returns:
        One line for each row, the columns aligned on the left.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in texts)
