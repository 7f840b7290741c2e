"""How pages of docs/reference are written: headings, docstrings and tables as Markdown."""

from collections.abc import Iterator
from typing import Final

MADE: Final = "<!-- Written by `make docs`; edit what it describes. -->"


def page(title: str, *blocks: str) -> str:
    """Return a Markdown page."""
    return "\n\n".join((f"# {title}", MADE, *(block for block in blocks if block))) + "\n"


def plain(docstring: str | None) -> str:
    """Return a docstring as Markdown."""
    return (docstring or "").replace("``", "`")


def table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in line) + " |"
        for line in lines
    )
