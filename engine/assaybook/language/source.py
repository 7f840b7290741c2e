"""Policy files as text: one safe reading of YAML that never changes a type silently.

The parser's events are folded without recursion, so bytes, depth and number of values are bounded
before anything is built. Tags, anchors, aliases, merge keys, duplicate keys, directives, second
documents, control and direction-changing characters are refused. A plain scalar is null, true,
false or a number only where JSON would write it so; everything else (``no``, ``1:30``, ``010``,
``1_000``, a bare date) stays the text that stands in the file, and where the schema wants text and
the file has a number, the author is told to quote it.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from typing import Final, TypeAlias

import yaml
from pydantic import JsonValue

from assaybook.domain.record import record
from assaybook.language.source_faults import hidden_character, malformed, unreadable
from assaybook.language.source_fold import HIDDEN, MAX_DEPTH, Fold, Node, Place
from assaybook.language.source_place import aligned, content_start

MAX_BYTES: Final = 1_000_000
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDE_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")

Path: TypeAlias = tuple[str | int, ...]


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
            found = below(at, step)
            if found is None:
                break
            at = found
        return at

    def plain(self, path: Path, default: JsonValue) -> JsonValue:
        """Return what stands at a path as plain values, or a default where nothing does."""
        held = below(self.node(path[:-1]), path[-1])
        return default if held is None else _plain(held)

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
    hidden = HIDDEN.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        raise hidden_character(hidden.group(), f"{file}:{line}:{column}")
    fold = Fold(file)
    try:
        fold.take_all(_LOADER(text))
    except yaml.MarkedYAMLError as error:
        raise malformed(error, file, text) from error
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


def below(node: Node, step: str | int) -> Node | None:
    """Return what stands under a key or at a position of a node; None where nothing does."""
    if isinstance(node.value, dict) and isinstance(step, str):
        return node.value.get(step)
    if isinstance(node.value, list) and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    return None


def _plain(node: Node) -> JsonValue:
    value = node.value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


class _TooDeepError(Exception):
    """Plain values are nested deeper than a file may nest them."""


def _node_of(value: JsonValue, levels: int) -> Node:
    if isinstance(value, list | dict) and not levels:
        raise _TooDeepError
    if isinstance(value, list):
        return Node([_node_of(each, levels - 1) for each in value])
    if isinstance(value, dict):
        return Node({key: _node_of(each, levels - 1) for key, each in value.items()})
    return Node(value, written=value if isinstance(value, str) else json.dumps(value))
