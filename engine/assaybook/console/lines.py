"""The lines of a document, and which of them a pointer into it names.

A place that cannot be told is told of nowhere: a pointer then leads to no line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from assaybook.domain.record import record
from assaybook.intake.copies import MARK

MOST_BYTES: Final = 256 * 1024
"""Of a document that is shown; a longer one is named with the way to fetch it."""
MOST_LINES: Final = 5_000
_MOST_YAML: Final = 64 * 1024
_DEEPEST: Final = 64
"""Steps of a pointer into YAML."""
_LONG_LINE: Final = 160
"""Characters: JSON whose lines are longer on average is laid out."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:,\n]|[^\s\[\]{}:,"]+|"', re.DOTALL)
_LINE: Final = re.compile(r"line ([1-9][0-9]{0,8})")
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""Characters that nobody sees, and those that turn the order of what is read."""


@record
class Part:
    """A part of a line; ``removed`` where something was removed from it at intake."""

    text: str
    removed: bool


@record
class Line:
    """One line of a document, from 1; ``named`` where a fact was read from it."""

    number: int
    parts: tuple[Part, ...]
    named: bool
    sought: bool


@record
class Text:
    """A document as it is shown.

    Attributes:
        lines: the first 5,000.
        left_out: how many lines are not shown.
        laid_out: whether JSON on few long lines was broken into more, nothing else changed.
        places: line of each pointer that one can be told for.
    """

    lines: tuple[Line, ...]
    left_out: int
    laid_out: bool
    places: Mapping[str, int]


def text_of(content: bytes) -> str | None:
    """Return the text of bytes; None where they are none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def shown_text(text: str, name: str, pointers: frozenset[str], sought: str = "") -> Text:
    """Return a document line by line, with the lines that pointers name.

    Args:
        text: of the document, as it is kept.
        name: of its file, whose ending says what it is where the text does not.
        pointers: of its facts.
        sought: the one that a reader came for; empty for none.
    """
    laid_out = text.count("\n") < len(text) // _LONG_LINE and _is_json(text)
    shown = laid_out_json(text) if laid_out else text
    known = places_in(shown, name)
    places = {one: at for one in pointers | {sought} if one and (at := _line_of(one, known))}
    lines = shown.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    named, at = frozenset(places.values()), places.get(sought, 0)
    made = (
        Line(number, parts_of(line), number in named, number == at)
        for number, line in enumerate(lines[:MOST_LINES], 1)
    )
    return Text(tuple(made), max(0, len(lines) - MOST_LINES), laid_out, places)


def parts_of(line: str) -> tuple[Part, ...]:
    """Return a line in parts: what stands there, and where something was removed."""
    found: list[Part] = []
    for index, text in enumerate(seen(line).split(MARK)):
        found += [Part(MARK, removed=True)] if index else []
        found += [Part(text, removed=False)] if text else []
    return tuple(found)


def seen(text: str) -> str:
    """Return a text in which characters that nobody sees are written out."""
    return _UNSEEN.sub(lambda one: f"\\u{ord(one[0]):04x}", text)


def places_in(text: str, name: str) -> dict[str, int]:
    """Return the line of each JSON pointer into a document, as far as it can be told."""
    if _is_json(text):
        return dict(_in_json(text))
    begin = text.lstrip()[:1]
    if begin == "{":
        return _in_json_lines(text)
    if name.lower().endswith((".csv", ".tsv")):
        return {f"/{row}": row + 2 for row in range(text.count("\n") + 1)}
    return _in_yaml(text)


def laid_out_json(text: str) -> str:
    """Return JSON with each entry on a line of its own; keys, values and order stay."""
    out: list[str] = []
    depth, before = 0, ""
    for token in (one[0] for one in _TOKEN.finditer(text) if one[0] != "\n"):
        if token in "]}" and len(token) == 1:
            depth -= 1
            out.append("" if before in {"[", "{"} else _break(depth))
        elif before in {"[", "{", ","}:
            out.append(_break(depth))
        out.append(": " if token == ":" else token)
        depth += token in {"[", "{"}
        before = token
    return "".join(out) + "\n"


def _break(depth: int) -> str:
    return "\n" + "  " * max(0, depth)


def _line_of(pointer: str, places: Mapping[str, int]) -> int:
    """Return the line of a pointer, or of the nearest thing around it; 0 where none is known."""
    if found := _LINE.fullmatch(pointer):
        return int(found[1])
    at = pointer
    while at and at not in places:
        at = at.rpartition("/")[0]
    return places.get(at, 0) if at else 0


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _in_json(text: str, line: int = 1, before: str = "") -> Iterator[tuple[str, int]]:
    """Yield pointer and line of each key and item of a JSON text."""
    open_: list[tuple[bool, str]] = []
    steps: list[str | int] = []
    key = False
    for token in (one[0] for one in _TOKEN.finditer(text)):
        if token == "\n":
            line += 1
        elif token in {"]", "}"}:
            open_.pop()
            steps.pop()
            key = False
        elif token == ",":
            key = open_[-1][0]
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else ""
        elif token == ":":
            key = False
        elif key:
            steps[-1] = _escaped(json.loads(token))
            yield f"{open_[-1][1]}/{steps[-1]}", line
        else:
            at = f"{open_[-1][1]}/{steps[-1]}" if open_ else before
            if open_ and not open_[-1][0]:
                yield at, line
            if token in {"[", "{"}:
                key = token == "{"
                open_.append((key, at))
                steps.append("" if key else 0)


def _in_json_lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    index = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found[f"/{index}"] = number
        if _is_json(line):
            found |= _in_json(line, number, f"/{index}")
        index += 1
    return found


def _in_yaml(text: str) -> dict[str, int]:
    """Return the lines of keys and items of YAML, also of what stands before a text in Markdown."""
    from yaml import YAMLError

    from assaybook.intake.yaml_text import places

    head, front = text, text.startswith("---\n")
    if front and (end := text.find("\n---", 3)) > 0:
        head = text[:end]
    if len(head) > _MOST_YAML:
        return {}
    found: dict[str, int] = {}
    try:
        for path, start, _width in places(head):
            if len(path) > _DEEPEST:
                break  # each step costs as much as the way to it is long
            pointer = "".join(f"/{_escaped(str(step))}" for step in path)
            found.setdefault(pointer, start[0] + 1)
    except (YAMLError, ValueError):
        return {}
    return found


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
