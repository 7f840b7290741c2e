"""The text that is kept of a redacted document: written again from what is left of its value.

Lines stay where places of facts are lines: an element of XML stands on the line on which it stood,
and so does the text below the front matter of a card. What is kept of YAML is its value as JSON,
which YAML includes.
"""

from collections.abc import Callable, Iterator
from typing import Final

from pydantic_core import to_json

from assaybook.intake.copies import MARK
from assaybook.intake.parsed import Parsed
from assaybook.intake.tabular import as_csv
from assaybook.intake.values import Json, count, mapping, sequence

_FRONT: Final = 3
"""Lines of a front matter that was written again: its value, between two marks."""


def as_json(value: Json) -> bytes:
    """Return the JSON of a value, as documents that were redacted are kept."""
    return to_json(value)


def written(
    document: Parsed, value: Json, columns: tuple[str, ...], clean: Callable[[str], str]
) -> bytes:
    """Return the bytes of a document with another value; ``clean`` is for text beside the value."""
    if document.media == "json-lines" and isinstance(value, list):
        return b"".join([part for one in value for part in (as_json(one), b"\n")])
    if document.media in {"csv", "parquet"} and isinstance(value, list):
        return as_csv(columns, value).encode()
    if document.media == "xml":
        return ("".join(_Elements().written(value)) + "\n").encode()
    raw = as_json(value) + b"\n"
    if document.media != "markdown":
        return raw
    lines = document.text.split("\n")
    gap = "\n" * (document.body_line - 1 - _FRONT)
    body = clean("\n".join(lines[document.body_line - 1 :]))
    return f"---\n{raw.decode()}{gap}---\n{body}".encode()


class _Elements:
    """Writes elements, each on the line that it was read from as far as that is not past."""

    def __init__(self) -> None:
        self._line = 1

    def written(self, value: Json) -> Iterator[str]:
        """Yield the parts of an element; depth is bounded by the parser."""
        # It loads what speaks HTTP and TLS, which no other document needs.
        from xml.sax.saxutils import escape

        one = mapping(value)
        name = str(one.get("tag"))
        name = "redacted" if MARK in name else name
        yield self._moved("\n" * ((count(one.get("line")) or 0) - self._line))
        yield self._moved(f"<{name}{''.join(_attributes(one))}>")
        yield self._moved(escape(str(one.get("text") or "").strip()))
        for each in sequence(one.get("children")):
            yield from self.written(each)
        yield f"</{name}>"

    def _moved(self, text: str) -> str:
        self._line += text.count("\n")
        return text


def _attributes(element: dict[str, Json]) -> Iterator[str]:
    """Yield the attributes of an element, without those of which the name was removed."""
    from xml.sax.saxutils import quoteattr

    space = element.get("namespace")
    if space:
        yield f" xmlns={quoteattr(str(space))}"
    for key, one in mapping(element.get("attributes")).items():
        if MARK not in key:
            yield f" {key}={quoteattr(str(one))}"
