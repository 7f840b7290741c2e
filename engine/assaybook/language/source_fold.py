"""The events of a YAML parser folded into nodes with their places, bounded before they are built.

No recursion: the stack of open collections is a list, so depth costs nothing but its bound.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias, cast

import yaml

from assaybook.domain.errors import AuthorError
from assaybook.domain.record import draft
from assaybook.language.source_faults import hidden_character

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
HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
_FIRST_OF_A_NUMBER: Final = frozenset("-0123456789")
_WRITE_OUT: Final = "Write the value out."

Scalar: TypeAlias = bool | int | float | str | None
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""


@draft
class Node:
    """A value of a file, and the marks of the parser where it begins and ends and its key begins.

    ``written`` is a scalar as it stands in the file, without quotes; ``plain`` tells that it had
    none. What is made without a file has no marks, and stands in its first line.
    """

    value: "Scalar | list[Node] | dict[str, Node]"
    start: Any = None
    key: Any = None
    written: str = ""
    plain: bool = False
    end: Any = None

    @property
    def place(self) -> Place:
        """Where it begins: line and column, both from 1."""
        return _place_of(self.start)

    @property
    def key_place(self) -> Place:
        """Where its key begins, or it itself where it has none."""
        return _place_of(self.key or self.start)

    @property
    def span(self) -> tuple[int, int]:
        """The character offsets of the whole value in the text."""
        return (self.start.index, self.end.index) if self.end else (0, 0)


_Holder: TypeAlias = list[Node] | dict[str, Node] | None
"""What the next node goes into; None where it is the whole document."""


class Fold:
    """Folds parser events into one node; the stack holds the open collections."""

    def __init__(self, file: str) -> None:
        """Start for one file; ``file`` is what errors call it."""
        self.root: Node | None = None
        self._file = file
        self._outer: list[tuple[Node, _Holder, Node | None]] = []
        self._holder: _Holder = None
        self._key: Node | None = None
        self._count = 0

    def take_all(self, loader: Any) -> None:  # noqa: ANN401 - the library types no loader
        """Take every event of a loader.

        Raises:
            AuthorError: ``yaml-*``, with file, line and column.
        """
        next_event: Callable[[], Any] = loader.get_event
        while (event := next_event()) is not None:
            kind = cast("type[object]", type(event))
            if kind is yaml.ScalarEvent:
                node = self._scalar(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node, self._holder, self._key = self._outer.pop()
                node.end = event.end_mark
            else:
                self._open(event, kind)
                continue
            holder = self._holder
            if isinstance(holder, list):
                holder.append(node)
            elif holder is None:
                self.root = node
            elif self._key is not None:
                node.key = self._key.start
                holder[self._key.written] = node
                self._key = None
            else:
                value = node.value
                if type(value) is not str or value in holder or value == "<<":
                    self._check_key(node, holder)
                self._key = node

    def _open(self, event: Any, kind: type[object]) -> None:  # noqa: ANN401 - as the library types events
        """Begin a collection or a document; refuse aliases."""
        if kind is yaml.MappingStartEvent:
            self._begin(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._begin(event, [])
        elif kind is yaml.DocumentStartEvent:
            self._begin_document(event)
        elif kind is yaml.AliasEvent:
            raise self._fault(event, "yaml-alias", "aliases (*name) are not allowed", _WRITE_OUT)

    def _begin_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            message = "a second document (---) is not allowed"
            raise self._fault(event, "yaml-many-documents", message, "Put it in a file of its own.")
        if event.version or event.tags:
            message = "directives (%YAML, %TAG) are not allowed"
            raise self._fault(event, "yaml-directive", message, "Remove the line.")

    def _refuse(self, event: Any) -> NoReturn:  # noqa: ANN401 - the kinds share no type with a tag
        """Refuse an anchor, a tag, or more values than are read."""
        if event.anchor is not None:
            raise self._fault(event, "yaml-anchor", "anchors (&name) are not allowed", _WRITE_OUT)
        if event.tag is not None:
            message = f"the tag {event.tag!r} is not allowed"
            hint = "Put a text or condition that begins with ! in quotes, or remove the tag."
            raise self._fault(event, "yaml-tag", message, hint)
        message = f"the file holds more than {MAX_NODES} values"
        raise self._fault(event, "yaml-too-many-values", message, "Split it.")

    def _begin(self, event: Any, empty: "list[Node] | dict[str, Node]") -> None:  # noqa: ANN401
        self._count += 1
        if event.anchor is not None or event.tag is not None or self._count > MAX_NODES:
            self._refuse(event)
        if len(self._outer) >= MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} deep"
            raise self._fault(event, "yaml-too-deep", message, "Write it flatter.")
        self._outer.append((Node(empty, event.start_mark), self._holder, self._key))
        self._holder = empty
        self._key = None

    def _scalar(self, event: Any) -> Node:  # noqa: ANN401 - as the library types its events
        self._count += 1
        if event.anchor is not None or event.tag is not None or self._count > MAX_NODES:
            self._refuse(event)
        text: str = event.value
        plain: bool = event.implicit[0]
        value: Scalar = text
        if plain:
            if text in _CONSTANTS:
                value = _CONSTANTS[text]
            elif text[0] in _FIRST_OF_A_NUMBER:
                value = self._number(text, event)
        elif event.style == '"' and HIDDEN.search(text):  # by an escape: the file has none
            raise hidden_character(HIDDEN.findall(text)[0], self._where(event))
        return Node(value, event.start_mark, None, text, plain, event.end_mark)

    def _number(self, text: str, event: yaml.Event) -> Scalar:
        if not _NUMBER.fullmatch(text):
            return text
        number = float(text)
        if abs(number) >= MAX_INTEGER and (_INTEGER.fullmatch(text) or math.isinf(number)):
            message = f"the number {text[:40]} is beyond 2**53 and cannot be kept exactly"
            raise self._fault(event, "yaml-number", message, "Put it in quotes if it is a name.")
        return int(text) if _INTEGER.fullmatch(text) else number

    def _check_key(self, node: Node, holder: dict[str, Node]) -> None:
        where = f"{self._file}:{node.place[0]}:{node.place[1]}"
        if isinstance(node.value, list | dict):
            raise AuthorError("yaml-key", "a key must be text, not a list or mapping", where=where)
        if not isinstance(node.value, str):
            message = f"a key must be text, and {node.written or 'nothing'} is not read as text"
            hint = f"Put it in quotes: {json.dumps(node.written)}"
            raise AuthorError("yaml-key", message, where=where, hint=hint)
        if node.value == "<<" and node.plain:
            message = "merge keys (<<) are not allowed"
            raise AuthorError("yaml-merge", message, where=where, hint=_WRITE_OUT)
        if node.value in holder:
            first = holder[node.value].key_place
            message = f"the key {node.value!r} stands twice; first in line {first[0]}"
            raise AuthorError("yaml-duplicate-key", message, where=where, hint="Remove one.")

    def _fault(self, event: yaml.Event, code: str, message: str, hint: str) -> AuthorError:
        return AuthorError(code, message, where=self._where(event), hint=hint)

    def _where(self, event: Any) -> str:  # noqa: ANN401 - as the library types its events
        line, column = _place_of(event.start_mark)
        return f"{self._file}:{line}:{column}"


def _place_of(mark: Any) -> Place:  # noqa: ANN401 - the library types no mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
