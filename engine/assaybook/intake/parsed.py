"""A document as plain values: what its bytes are, before anyone says which tool wrote them."""

import re
from collections.abc import Callable
from dataclasses import field, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Final, Literal, TypeAlias

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.csv_text import Dialect, read_csv
from assaybook.intake.json_text import (
    JsonLines,
    plain_json,
    plain_lines,
    read_json,
    read_unusual,
    read_unusual_lines,
)
from assaybook.intake.limits import Limits
from assaybook.intake.raw import BOM, check_size, checked
from assaybook.intake.table_mapping import TableMapping
from assaybook.intake.tabular import MAGIC, as_csv, read_parquet
from assaybook.intake.values import Json
from assaybook.intake.xml_text import read_xml
from assaybook.intake.yaml_text import read_yaml

Media: TypeAlias = Literal[
    "json", "json-lines", "yaml", "markdown", "csv", "parquet", "xml", "text"
]

_BY_SUFFIX: Final[dict[str, Media]] = {
    ".json": "json",
    ".sarif": "json",
    ".jsonld": "json",
    ".jsonl": "json-lines",
    ".ndjson": "json-lines",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".tsv": "csv",
    ".xml": "xml",
}
_BY_NAME: Final[dict[str, Media]] = {"Kitfile": "yaml", "MLmodel": "yaml"}
_FRONT_MATTER: Final = re.compile(rb"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_XML: Final = re.compile(rb"<\?xml\s|<testsuites?[\s/>]|<bom[\s/>]")
LONGEST_CARD: Final = 2_000_000
_LONGEST_TEXT: Final = 8_000_000
"""What a scanner prints of a run; a log that is longer is none."""
_NAMES: Final = 1024
_OPENS_JSON: Final = re.compile(rb"\s*+[{\[]")
_MAY_OPEN_JSON: Final = re.compile(
    rb"(?:[\t-\r\x1c- ]++|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f"
    rb"|\xe3\x80\x80)*+(?:[{\[]|\Z)"
)
"""The same behind all that a text takes for white space, and nothing but that."""
_LATER: Final = bytes(range(0x80, 0xC0))
"""All bytes of a character in UTF-8 but its first."""
_ENDS_LINE: Final = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_YAML_LINE: Final = re.compile(r"(?:-\s+)?[A-Za-z_][\w.-]*:(?:\s|$)")


@record
class Parsed:
    """A document that could be read as what its bytes are.

    Attributes:
        name: its file name, for messages.
        media: what kind of text it is.
        source: the whole text, or the same in UTF-8; a redacted document keeps only what may be
            kept. ``text`` is always the text.
        value: JSON: the value. JSON lines: a list of values. YAML: the value, or a list of the
            documents where there are several. Markdown: the front matter, or None. CSV, Parquet: a
            list of rows. XML: the root element, as ``xml_text`` describes it. Text: None.
        lines: JSON lines: the line of each value, from 1.
        columns: CSV and Parquet: the names of the columns.
        odd: JSON pointers of numbers that are none (``NaN``, ``1e999``); they read as null.
        broken: what could not be read in a document that could be read in part.
        body_line: Markdown: the line at which the text after the front matter begins, from 1.
        table: CSV and Parquet: what the columns mean, where the submitter says it.
        clean: no secret that is known by its form can begin in the text.
    """

    name: str
    media: Media
    source: str | bytes
    value: Json = None
    lines: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    odd: frozenset[str] = field(default_factory=frozenset)
    broken: tuple[str, ...] = ()
    body_line: int = 1
    table: TableMapping | None = None
    clean: bool = False

    @property
    def text(self) -> str:
        """Return the whole text, which of most documents is made anew each time."""
        return self.source if isinstance(self.source, str) else self.source.decode()

    def beginning(self, most: int) -> str:
        """Return the first characters of the text; no character has more than four bytes."""
        if isinstance(self.source, str):
            return self.source[:most]
        return self.source[: 4 * most].decode("utf-8", "ignore")[:most]

    def encoded(self) -> bytes:
        """Return the whole text in UTF-8."""
        return self.source if isinstance(self.source, bytes) else self.source.encode()

    def holds(self, word: str) -> bool:
        """Tell whether a word of ASCII stands anywhere in the text."""
        return word in self.source if isinstance(self.source, str) else word.encode() in self.source


@lru_cache(_NAMES)
def _media_of(name: str) -> Media | None:
    """Return what the name of a file says that it is, if it says anything."""
    path = PurePath(name)
    return _BY_NAME.get(path.name) or _BY_SUFFIX.get(path.suffix.lower())


def is_read_as_json(name: str) -> bool:
    """Tell whether an object in a file of this name is read as one JSON text."""
    return _media_of(name) in {None, "json"}


def parse(raw: bytes, name: str, limits: Limits) -> Parsed:
    """Read bytes as the text that their name and first characters say they are.

    Raises:
        SubmitterError: the bytes are no UTF-8 text, break a limit, or are not what the suffix of
            ``name`` says.
    """
    media = _media_of(name)
    source = raw.removeprefix(BOM)
    if media is None and _XML.match(source):
        media = "xml"
    reader = None if media is None else _READERS.get(media)
    if reader is not None:
        return reader(checked(raw, name, limits, wide=media == "csv"), name, limits)
    check_size(raw, name, limits)
    plain = _plain(source, name, media, limits)
    if plain is not None:
        return plain
    source = checked(raw, name, limits)
    if media == "json" or (media is None and _MAY_OPEN_JSON.match(source)):
        return _json(source, name, limits)
    if media == "json-lines":
        return _json_lines(source, name, limits)
    return (_by_content if media is None else _markdown)(source, name, limits)


def _plain(source: bytes, name: str, media: Media | None, limits: Limits) -> Parsed | None:
    """Return a document that is plain JSON or lines of it, of which nobody needs the text.

    What the parser takes is UTF-8 without NUL.
    """
    if media == "json-lines":
        lines = plain_lines(source, limits)
        return None if lines is None else _of_lines(source, name, lines)
    if media != "json" and (media is not None or not _OPENS_JSON.match(source)):
        return None
    found = plain_json(source, limits)
    return None if found is None else Parsed(name, "json", source, found.value, clean=found.clean)


def parse_table(
    raw: bytes, name: str, limits: Limits, mapping: TableMapping | None = None
) -> Parsed:
    """Read bytes that are declared to be a table: Parquet, else what any document is.

    Parquet is read only where somebody names it, since the data themselves are kept in it too.

    Raises:
        SubmitterError: the bytes are no such table, or break a limit.
        OperatorError: pyarrow is not installed.
    """
    if raw.startswith(MAGIC) or PurePath(name).suffix.lower() == ".parquet":
        columns, rows, odd = read_parquet(raw, name, limits)
        return Parsed(name, "parquet", as_csv(columns, rows), rows, columns=columns, odd=odd)
    if mapping is None or _media_of(name) != "csv":
        return parse(raw, name, limits)
    said = Dialect(mapping.separator, mapping.decimal)
    return _csv(checked(raw, name, limits, wide=True), name, limits, said)


def suffix_is_read(name: str) -> bool:
    """Tell whether the name says that the file is a document of a kind that can be read."""
    return _media_of(name) is not None


def _by_content(raw: bytes, name: str, limits: Limits) -> Parsed:
    if raw.startswith(b"# ") or _FRONT_MATTER.match(raw):
        return _markdown(raw, name, limits)
    text = _decoded(raw, name, _LONGEST_TEXT, "a text")
    if _YAML_LINE.match(_opening(text)):
        try:
            return _yaml(text, name, limits)
        except SubmitterError as error:
            if error.code != "yaml-malformed":
                raise
    return Parsed(name, "text", text)


def _decoded(raw: bytes, name: str, most: int, what: str) -> str:
    """Return a text of which the characters are few enough; they are counted first."""
    if len(raw) > most and len(raw.translate(None, _LATER)) > most:
        raise SubmitterError(
            "document-too-large",
            f"{what} has at most {most} characters",
            where=name,
            hint="Move what is not about the model or the data to a file of its own.",
        )
    return raw.decode()


def _opening(text: str) -> str:
    """Return the first line that is not blank, or nothing where it is indented."""
    start = len(text) - len(text.lstrip())
    if start and not _ENDS_LINE.match(text[start - 1]):
        return ""
    end = _ENDS_LINE.search(text, start)
    return text[start : end.start() if end else len(text)]


def _json(raw: bytes, name: str, limits: Limits) -> Parsed:
    """Read JSON that is known not to be plain."""
    try:
        found = read_unusual(raw, name, limits)
    except SubmitterError as error:
        if error.code == "json-malformed" and b"\n" in raw:
            lines = plain_lines(raw, limits) or read_unusual_lines(raw, name, limits)
            if lines is not None:
                return _of_lines(raw, name, lines)
        raise
    return Parsed(name, "json", raw, found.value, odd=found.odd, clean=found.clean)


def _json_lines(raw: bytes, name: str, limits: Limits) -> Parsed:
    """Read JSON lines that are known not to be plain, or one JSON text over several lines."""
    lines = read_unusual_lines(raw, name, limits)
    if lines is not None:
        return _of_lines(raw, name, lines)
    found = read_json(raw, name, limits)
    return Parsed(name, "json", raw, found.value, odd=found.odd, clean=found.clean)


def _of_lines(source: bytes, name: str, found: JsonLines) -> Parsed:
    broken = [f"line {number} is not JSON" for number in found.broken]
    # A line that holds neither an object nor a list is of no format that is written in lines.
    lines = zip(found.lines, found.values, strict=True)
    broken += [f"line {n} holds no object" for n, one in lines if not isinstance(one, dict | list)]
    return Parsed(
        name,
        "json-lines",
        source,
        found.values,
        found.lines,
        odd=found.odd,
        broken=tuple(broken),
        clean=found.clean,
    )


def _yaml(text: str | bytes, name: str, limits: Limits) -> Parsed:
    documents = read_yaml(text, name, limits)
    value = documents[0] if len(documents) == 1 else list(documents)
    return Parsed(name, "yaml", text, value)


def _markdown(raw: bytes, name: str, limits: Limits) -> Parsed:
    text = _decoded(raw, name, LONGEST_CARD, "a card")
    matter = _FRONT_MATTER.match(raw)
    if matter is None:
        return Parsed(name, "markdown", text)
    body_line = raw.count(b"\n", 0, matter.end()) + 2
    try:
        documents = read_yaml(matter.group(1).decode(), name, limits, first_line=2)
    except SubmitterError as error:
        if error.code != "yaml-malformed":
            raise
        broken = (f"the front matter cannot be read: {error.message}",)
        return Parsed(name, "markdown", text, None, broken=broken, body_line=body_line)
    value = documents[0] if len(documents) == 1 else None
    return Parsed(name, "markdown", text, value, body_line=body_line)


def _csv(source: bytes, name: str, limits: Limits, said: Dialect | None = None) -> Parsed:
    dialect = said or Dialect()
    if dialect.separator is None and PurePath(name).suffix.lower() == ".tsv":
        dialect = replace(dialect, separator="\t")
    columns, rows = read_csv(source, name, limits, dialect)
    return Parsed(name, "csv", source, rows, columns=columns)


def _xml(source: bytes, name: str, limits: Limits) -> Parsed:
    return Parsed(name, "xml", source, read_xml(source, name, limits))


_READERS: Final[dict[Media, Callable[[bytes, str, Limits], Parsed]]] = {
    "yaml": _yaml,
    "csv": _csv,
    "xml": _xml,
}
"""Of what is read from the bytes, as they came or in UTF-8."""
