"""The paper's numbers as texts, for lists and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

# After the name of a row that has a footnote.
FOOTNOTE_MARK = "\N{DAGGER}"


def paper_texts(papers: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Headings and cells of the paper's numbers.

    Args:
        papers: The fields of each row's `PaperRow`, by name.

    Returns:
        The headings, then the cells of each row: the FID, and of tables that have them
        the difference, the MACs and the parameters.
    """
    if all(paper["macs"] is None for paper in papers):
        return [["paper's FID"], *([f"{paper['fid']:.2f}"] for paper in papers)]
    headings = ("FID", "difference", "MACs", "parameters")
    return [
        [f"paper's {heading}" for heading in headings],
        *(
            [
                f"{paper['fid']:.2f}",
                _or_empty("{:+.2f}", paper["difference"]),
                _or_empty("{:g} G ({:g}x)", paper["macs"], paper["macs_ratio"]),
                _or_empty(
                    "{:g} M ({:g}x)", paper["parameters"], paper["parameters_ratio"]
                ),
            ]
            for paper in papers
        ),
    ]


def changes_text(changes: Mapping[str, Any], network: str) -> str:
    """What a row changes of its preset's settings.

    Args:
        changes: The changed settings by name.
        network: Whose score it is: `"student"` or `"teacher"`.
    """
    texts = [f"{name}={value}" for name, value in changes.items()]
    return ", ".join(texts + ["the teacher's score"] * (network == "teacher")) or "-"


def marked_name(name: str, paper: Mapping[str, Any]) -> str:
    """The name of a row, marked if it has a footnote."""
    return f"{name} {FOOTNOTE_MARK}" if paper["footnote"] else name


def footnotes(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The footnotes of a table, with the names of their rows.

    Args:
        rows: The fields of each row's `PaperRow` by the row's name.
    """
    return [
        f"{FOOTNOTE_MARK} {name}: {paper['footnote']}."
        for name, paper in rows.items()
        if paper["footnote"]
    ]


def _or_empty(text, *values):
    return "" if None in values else text.format(*values)
