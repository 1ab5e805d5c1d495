"""Tables of numbers with notes, as HTML."""

from collections.abc import Iterable, Sequence
from html import escape


def wide_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], notes: Iterable[str]
) -> str:
    """A table that scrolls if it is too wide, and notes below it.

    Args:
        head: The columns' headings, as plain text.
        rows: The cells of each row, as plain text. The first one names it.
        notes: Lines of plain text.
    """
    lines = []
    for name, *cells in rows:
        cells = [f"<td>{escape(cell)}</td>" for cell in cells]
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
        f'<ul class="notes">{items}</ul>'
    )
