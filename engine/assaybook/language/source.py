"""Policy files as text: one safe reading of YAML that never changes a type silently.

The parser's events are folded without recursion, so bytes, depth and number of values are bounded
before anything is built. Tags, anchors, aliases, merge keys, duplicate keys, directives, second
documents, control and direction-changing characters are refused. A plain scalar is null, true,
false or a number only where JSON would write it so; everything else (``no``, ``1:30``, ``010``,
``1_000``, a bare date) stays the text that stands in the file, and where the schema wants text and
the file has a number, the author is told to quote it.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeAlias

import yaml
from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.record import record
from assaybook.language.source_faults import hidden_character, malformed, unreadable
from assaybook.language.source_place import aligned, content_start

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 20_000
MAX_INTEGER: Final = 2**53
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_CONSTANTS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
# Not printable, or able to show a text in another order than the one that is judged.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
_FIRST_OF_A_NUMBER: Final = frozenset("-0123456789")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDE_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")

Path: TypeAlias = tuple[str | int, ...]
Scalar: TypeAlias = bool | int | float | str | None
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(slots=True)
class Node:
    """A value of a file, where it begins and where its key does.

    ``written`` is a scalar as it stands in the file, without quotes; ``plain`` tells that it had
    none. ``span`` are the character offsets of the whole scalar in the text.
    """

    value: "Scalar | list[Node] | dict[str, Node]"
    place: Place
    key_place: Place
    written: str = ""
    plain: bool = False
    span: tuple[int, int] = (0, 0)


@record
class Source:
    """One file as plain JSON values, with the place of everything in it."""

    file: str
    text: str
    root: Node

    @property
    def data(self) -> JsonValue:
        """The document as plain values."""
        return _plain(self.root)

    def values(self) -> dict[str, JsonValue]:
        """Return the document as written, which a bundle digest covers; empty if no mapping."""
        data = self.data
        return data if isinstance(data, dict) else {}

    def node(self, path: Iterable[str | int]) -> Node:
        """Return what stands at a path, or the deepest thing that stands on the way to it."""
        at = self.root
        for step in path:
            below = _child(at, step)
            if below is None:
                break
            at = below
        return at

    def where(self, path: Iterable[str | int] = ()) -> str:
        """Return ``file:line:column`` of the value at a path."""
        return self._at(self.node(path).place)

    def where_key(self, path: Iterable[str | int]) -> str:
        """Return ``file:line:column`` of the key (or list item) at a path."""
        return self._at(self.node(path).key_place)

    def where_in(self, path: Iterable[str | int], offset: int) -> str:
        """Return the place of a character of a text, counted from 0 in its outer-stripped form."""
        return self._at(self.place_in(path, offset))

    def place_in(self, path: Iterable[str | int], offset: int) -> Place:
        """Return line and column of a character of a text, whatever its quotes and folds."""
        node = self.node(path)
        raw = self.text[node.span[0] : node.span[1]]
        if not isinstance(node.value, str) or not raw:
            return node.place
        at = aligned(node.value.strip(), offset, raw, content_start(raw, plain=node.plain))
        before = self.text[: node.span[0] + at]
        line_start = before.rfind("\n") + 1
        return before.count("\n") + 1, len(before) - line_start + 1

    def _at(self, place: Place) -> str:
        return f"{self.file}:{place[0]}:{place[1]}"


def read_source(raw: bytes, file: str) -> Source:
    """Read the bytes of one YAML file; ``file`` is what errors call it.

    Raises:
        AuthorError: ``yaml-*``, with file, line and column.
    """
    if len(raw) > MAX_BYTES:
        raise unreadable(
            "yaml-too-large",
            f"the file has {len(raw)} bytes; at most {MAX_BYTES} are read",
            file,
            "Split it into several files.",
        )
    return read_text(_decoded(raw, file), file)


def read_text(text: str, file: str) -> Source:
    """Read one YAML document; ``file`` is what errors call it.

    Raises:
        AuthorError: ``yaml-*``, with file, line and column.
    """
    hidden = _HIDDEN.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        raise hidden_character(hidden.group(), f"{file}:{line}:{column}")
    fold = _Fold(file)
    try:
        loader: Any = _LOADER(text)
        while loader.check_event():
            fold.take(loader.get_event())
    except yaml.MarkedYAMLError as error:
        raise malformed(error, file) from error
    except (yaml.YAMLError, ValueError) as error:
        raise unreadable("yaml-malformed", " ".join(str(error).split()), file) from error
    if fold.root is None:
        raise unreadable("yaml-empty", "the file is empty", file, "Write it, or do not name it.")
    return Source(file, text, fold.root)


def read_file(file: Traversable, name: str) -> Source:
    """Read one YAML file of a folder; ``name`` is what errors call it.

    Raises:
        AuthorError: ``file-unreadable``, or ``yaml-*`` with file, line and column.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise unreadable("file-unreadable", f"the file cannot be read: {reason}", name) from error
    return read_source(raw, name)


def source_of(data: Mapping[str, JsonValue], file: str) -> Source:
    """Return plain values as a source without places, for a document kept as JSON.

    Raises:
        AuthorError: ``yaml-too-deep``.
    """
    try:
        return Source(file, "", _node_of(dict(data), MAX_DEPTH))
    except _TooDeepError:
        message = f"values are nested more than {MAX_DEPTH} deep"
        raise unreadable("yaml-too-deep", message, file) from None


class _Fold:
    """Folds parser events into one node; the stack holds the open collections."""

    def __init__(self, file: str) -> None:
        self.root: Node | None = None
        self._file = file
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._hold(event)
            self._place(self._scalar(event), event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._hold(event)
            self._begin(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._keys.pop()
            self._place(self._open.pop(), event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, yaml.AliasEvent):
            raise self._fault(event, "yaml-alias", "aliases (*name) are not allowed", _WRITE_OUT)

    def _begin_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            message = "a second document (---) is not allowed"
            raise self._fault(event, "yaml-many-documents", message, "Put it in a file of its own.")
        if event.version or event.tags:
            message = "directives (%YAML, %TAG) are not allowed"
            raise self._fault(event, "yaml-directive", message, "Remove the line.")

    def _hold(self, event: Any) -> None:  # noqa: ANN401 - the three kinds share no type with a tag
        """Refuse anchors, tags, and more values than are read."""
        if event.anchor is not None:
            raise self._fault(event, "yaml-anchor", "anchors (&name) are not allowed", _WRITE_OUT)
        if event.tag is not None:
            message = f"the tag {event.tag!r} is not allowed"
            hint = "Put a text or condition that begins with ! in quotes, or remove the tag."
            raise self._fault(event, "yaml-tag", message, hint)
        self._count += 1
        if self._count > MAX_NODES:
            message = f"the file holds more than {MAX_NODES} values"
            raise self._fault(event, "yaml-too-many-values", message, "Split it.")

    def _begin(self, event: yaml.Event) -> None:
        if len(self._open) >= MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} deep"
            raise self._fault(event, "yaml-too-deep", message, "Write it flatter.")
        place = _place_of(event)
        empty: list[Node] | dict[str, Node]
        empty = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(Node(empty, place, place))
        self._keys.append(None)

    def _scalar(self, event: Any) -> Node:  # noqa: ANN401 - as the library types its events
        text: str = event.value
        start, end = event.start_mark, event.end_mark
        place = (start.line + 1, start.column + 1)
        if event.style == '"' and _HIDDEN.search(text):  # by an escape: the file has none
            hidden = _HIDDEN.findall(text)[0]
            raise hidden_character(hidden, self._where(event))
        plain: bool = event.implicit[0]
        value: Scalar = text
        if plain and (text in _CONSTANTS or text[0] in _FIRST_OF_A_NUMBER):
            value = self._resolved(text, event)
        return Node(value, place, place, text, plain, (start.index, end.index))

    def _resolved(self, text: str, event: yaml.Event) -> Scalar:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if not _NUMBER.fullmatch(text):
            return text
        number = float(text)
        if abs(number) >= MAX_INTEGER and (_INTEGER.fullmatch(text) or math.isinf(number)):
            message = f"the number {text[:40]} is beyond 2**53 and cannot be kept exactly"
            raise self._fault(event, "yaml-number", message, "Put it in quotes if it is a name.")
        return int(text) if _INTEGER.fullmatch(text) else number

    def _place(self, node: Node, event: yaml.Event) -> None:
        if not self._open:
            self.root = node
            return
        holder = self._open[-1].value
        if isinstance(holder, list):
            holder.append(node)
            return
        pairs: Any = holder
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._key(node, pairs, event)
        else:
            node.key_place = key.place
            pairs[key.value] = node
            self._keys[-1] = None

    def _key(self, node: Node, holder: dict[str, Node], event: yaml.Event) -> Node:
        value = node.value
        if isinstance(value, str) and value not in holder and value != "<<":
            return node
        where = f"{self._file}:{node.place[0]}:{node.place[1]}"
        if isinstance(node.value, list | dict):
            raise AuthorError("yaml-key", "a key must be text, not a list or mapping", where=where)
        if not isinstance(node.value, str):
            message = f"a key must be text, and {node.written or 'nothing'} is not read as text"
            hint = f"Put it in quotes: {json.dumps(node.written)}"
            raise AuthorError("yaml-key", message, where=where, hint=hint)
        if node.value == "<<" and node.plain:
            raise self._fault(event, "yaml-merge", "merge keys (<<) are not allowed", _WRITE_OUT)
        if node.value in holder:
            first = holder[node.value].key_place
            message = f"the key {node.value!r} stands twice; first in line {first[0]}"
            raise AuthorError("yaml-duplicate-key", message, where=where, hint="Remove one.")
        return node

    def _fault(self, event: yaml.Event, code: str, message: str, hint: str) -> AuthorError:
        return AuthorError(code, message, where=self._where(event), hint=hint)

    def _where(self, event: yaml.Event) -> str:
        line, column = _place_of(event)
        return f"{self._file}:{line}:{column}"


_WRITE_OUT: Final = "Write the value out."


def _decoded(raw: bytes, file: str) -> str:
    if raw.startswith(_WIDE_ENCODINGS):
        raise unreadable(
            "yaml-encoding", "the file is in UTF-16 or UTF-32", file, "Save it as UTF-8."
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise unreadable(
            "yaml-encoding", message, f"{file}:{line}:{column}", "Save it as UTF-8."
        ) from error
    return text.removeprefix("\ufeff")


def _place_of(event: Any) -> Place:  # noqa: ANN401 - the library types no mark
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.value, dict) and isinstance(step, str):
        return node.value.get(step)
    if isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None


def _plain(node: Node) -> JsonValue:
    if isinstance(node.value, list):
        return [_plain(each) for each in node.value]
    if isinstance(node.value, dict):
        return {key: _plain(each) for key, each in node.value.items()}
    return node.value


class _TooDeepError(Exception):
    """Plain values are nested deeper than a file may nest them."""


def _node_of(value: JsonValue, levels: int) -> Node:
    if isinstance(value, list | dict) and not levels:
        raise _TooDeepError
    if isinstance(value, list):
        return Node([_node_of(each, levels - 1) for each in value], (1, 1), (1, 1))
    if isinstance(value, dict):
        held = {key: _node_of(each, levels - 1) for key, each in value.items()}
        return Node(held, (1, 1), (1, 1))
    written = value if isinstance(value, str) else json.dumps(value)
    return Node(value, (1, 1), (1, 1), written)
