"""Catalog files as text: a small, safe reading of YAML that keeps line numbers.

The events of the C parser are folded without recursion, so that depth, size and repetition are
bounded before anything is built. Tags, anchors, aliases, duplicate keys and second documents are
refused. A plain scalar is null, true, false or an integer only when it is written as one; all else
is text, so that ``9.10``, ``no`` and a bare date never change type.
"""

import json
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeAlias, TypeVar, cast

import yaml
from pydantic import ValidationError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError, did_you_mean
from assaybook.domain.record import draft

MAX_BYTES: Final = 8_000_000
MAX_DEPTH: Final = 12
MAX_NODES: Final = 400_000
_UNKNOWN_KEY: Final = "extra_forbidden"
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Model = TypeVar("_Model", bound=Frozen)

Scalar: TypeAlias = bool | int | str | None
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"


@draft
class Node:
    """A value of a file with the place where it begins; lines count from 1."""

    value: "Scalar | list[Node] | dict[str, Node]"
    file: str
    line: int

    def plain(self) -> Plain:
        """Return the value without places."""
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        if isinstance(self.value, dict):
            return {key: each.plain() for key, each in self.value.items()}
        return self.value

    def fault(self, message: str, hint: str = "") -> AuthorError:
        """Return the error to raise for this value."""
        return AuthorError("catalog-invalid", message, where=f"{self.file}:{self.line}", hint=hint)

    def mapping(self, keys: Iterable[str] | None = None) -> "dict[str, Node]":
        """Return the value as a mapping that has each of ``keys``, and no other where given.

        Raises:
            AuthorError: ``catalog-invalid``, with file and line.
        """
        if not isinstance(self.value, dict):
            raise self.fault("a mapping of keys to values must stand here")
        if keys is not None:
            wanted = tuple(keys)
            for key, node in self.value.items():
                if key not in wanted:
                    raise node.fault(f"the key {key!r} is not known", _nearest(key, wanted))
            for key in wanted:
                if key not in self.value:
                    raise self.fault(f"the key {key!r} is missing")
        return self.value

    def items(self) -> "list[Node]":
        """Return the value as a list.

        Raises:
            AuthorError: ``catalog-invalid``, with file and line.
        """
        if not isinstance(self.value, list):
            raise self.fault("a list must stand here")
        return self.value


def read_yaml(file: Traversable, name: str) -> Node:
    """Read one YAML document; ``name`` is what errors call the file.

    Raises:
        AuthorError: ``catalog-unreadable`` where it cannot be opened or is no YAML,
            ``catalog-invalid`` where it is YAML that is not allowed here.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise _unreadable(name, error.strerror or "it cannot be opened") from error
    if len(raw) > MAX_BYTES:
        raise _unreadable(name, f"it has more than {MAX_BYTES} bytes")
    folder = _Fold(name)
    try:
        folder.take_all(_LOADER(raw))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise _unreadable(where, str(error.problem or error.context)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _unreadable(name, " ".join(str(error).split())) from error
    if folder.root is None:
        raise _unreadable(name, "it is empty")
    return folder.root


def build(model: type[_Model], node: Node, **derived: Plain) -> _Model:
    """Return the domain object that a mapping describes, with ``derived`` values beside it.

    Raises:
        AuthorError: ``catalog-invalid``, at the line of the first value that does not fit.
    """
    written = node.mapping()
    for key in derived:
        if key in written:
            raise written[key].fault(f"the key {key!r} is worked out, not written")
    content = {key: each.plain() for key, each in written.items()} | derived
    try:
        # JSON mode is as strict as the model, yet takes words for enums and lists for tuples.
        return model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        # A misspelt key is also a missing one; the spelling is what the author can mend.
        first = next((each for each in faults if each["type"] == _UNKNOWN_KEY), faults[0])
        raise _misfit(model, node, first["loc"], first["type"], first["msg"]) from error


class _Fold:
    """Folds parser events into one node; the stack holds the open collections."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._count = 0

    def take_all(self, loader: Any) -> None:  # noqa: ANN401 - the library types no loader
        """Take every event of a loader."""
        next_event: Callable[[], Any] = loader.get_event
        while (event := next_event()) is not None:
            kind = cast("type[object]", type(event))
            if kind is yaml.ScalarEvent:
                node = self._begin(event, _scalar(event))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._keys.pop()
                node = self._open.pop()
            else:
                self._other(event, kind)
                continue
            holder = self._open[-1].value if self._open else None
            if isinstance(holder, list):
                holder.append(node)
            elif isinstance(holder, dict):
                self._keys[-1] = self._pair(holder, self._keys[-1], node)
            elif self.root is not None:
                raise node.fault("a second document is not allowed")
            else:
                self.root = node

    def _other(self, event: Any, kind: type[object]) -> None:  # noqa: ANN401 - as the library types events
        """Begin a collection; refuse aliases."""
        if kind is yaml.MappingStartEvent:
            self._open_up(self._begin(event, {}))
        elif kind is yaml.SequenceStartEvent:
            self._open_up(self._begin(event, []))
        elif kind is yaml.AliasEvent:
            raise self._node(event, None).fault("aliases are not allowed; write the value out")

    def _begin(
        self,
        event: yaml.ScalarEvent | yaml.CollectionStartEvent,
        value: "Scalar | list[Node] | dict[str, Node]",
    ) -> Node:
        node = self._node(event, value)
        if event.anchor is not None or event.tag is not None:
            raise node.fault("tags and anchors are not allowed")
        self._count += 1
        if len(self._open) > MAX_DEPTH or self._count > MAX_NODES:
            raise node.fault("the file is nested too deeply or holds too many values")
        return node

    def _open_up(self, node: Node) -> None:
        self._open.append(node)
        self._keys.append(None)

    def _pair(self, holder: dict[str, Node], key: Node | None, node: Node) -> Node | None:
        if key is None:
            if not isinstance(node.value, str):
                raise node.fault("a key must be text; put it in quotes")
            if node.value in holder:
                raise node.fault(f"the key {node.value!r} stands twice in one mapping")
            return node
        holder[str(key.value)] = node
        return None

    def _node(self, event: yaml.Event, value: "Scalar | list[Node] | dict[str, Node]") -> Node:
        mark = event.start_mark
        return Node(value, self.file, mark.line + 1 if mark else 0)


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    text = str(event.value)
    if event.implicit[0]:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
    return text


def _unreadable(where: str, reason: str) -> AuthorError:
    return AuthorError("catalog-unreadable", f"the file cannot be read: {reason}", where=where)


def _misfit(
    model: type[Frozen], node: Node, place: tuple[int | str, ...], kind: str, message: str
) -> AuthorError:
    at = node
    for step in place:
        if isinstance(at.value, dict) and str(step) in at.value:
            at = at.value[str(step)]
        elif isinstance(at.value, list) and isinstance(step, int) and step < len(at.value):
            at = at.value[step]
    path = ".".join(map(str, place))
    if kind == _UNKNOWN_KEY:
        near = _nearest(path, model.model_fields) if len(place) == 1 else ""
        return at.fault(f"the key {path!r} is not known", near)
    return at.fault(f"{path}: {message}" if path else message)


def _nearest(word: str, known: Iterable[str]) -> str:
    return did_you_mean(get_close_matches(word, list(known), n=1))
