"""Safe YAML: events are folded without recursion, so nothing is built before it is bounded.

Aliases, tags and duplicate keys are refused. A plain scalar is null, true or false only where it
is written so; every other scalar stays the text that stands in the file, so ``no``, ``9.10``,
``1:30`` and a bare date never change type, and an adapter that wants a number asks for one.
"""

from collections.abc import Iterator
from typing import Final

import yaml

from assaybook.domain.errors import SubmitterError
from assaybook.intake.json_odd import too_deep, too_much
from assaybook.intake.limits import LONGEST_KEY, Limits
from assaybook.intake.values import Json

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_SIMPLE: Final = (
    "Write plain YAML: no tags, anchors or aliases, and text that could be more in quotes."
)
_SEEN: Final = {
    "found character that cannot start any token": (
        "a tab, or a sign such as @ or `, begins here",
        "Indent with spaces; put text that begins with such a sign in quotes.",
    ),
    "mapping values are not allowed in this context": (
        "a colon and a space make a key, and none can stand here",
        "Put the whole text in quotes, or indent the keys of one mapping equally.",
    ),
}
"""What its author has done where the library finds no YAML, by the words of the library."""
_BEFORE: Final = 60
"""Characters of a line that are quoted before a place."""
_LONGEST: Final = 20_000_000
"""Bytes; a value takes five times as much, and twice as much again while it is read."""
_MOST_DIRECTIVES: Final = 100
"""The library looks at all before each."""
_MOST_ITEMS: Final = 200_000
"""YAML is written by hand or by small tools; the events of more cost too much to read."""


def read_yaml(text: str | bytes, name: str, limits: Limits, *, first_line: int = 1) -> list[Json]:
    """Read the documents of a YAML text, or of the same in UTF-8.

    ``first_line`` is where it begins in its file.

    Raises:
        SubmitterError: ``yaml-malformed``, ``yaml-duplicate-key``, ``yaml-not-allowed``,
            ``document-too-deep`` or ``document-too-large``.
    """
    if len(text) > _LONGEST:
        raise too_much(f"YAML has at most {_LONGEST} bytes", name)
    declared = text.count("\n%TAG") if isinstance(text, str) else text.count(b"\n%TAG")
    if declared > _MOST_DIRECTIVES:
        reason = "tags are not read, and it declares many"
        raise SubmitterError("yaml-not-allowed", reason, where=name, hint=_SIMPLE)
    fold = _Fold(name, limits, first_line)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            fold.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + first_line}:{mark.column + 1}" if mark else name
        said = str(error.problem or error.context)
        raise _malformed(where, *_SEEN.get(said, (said,))) from error
    except yaml.reader.ReaderError as error:
        error.name = name  # the library's word for bytes
        raise _malformed(name, " ".join(str(error).split())) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _malformed(name, " ".join(str(error).split())) from error
    return fold.documents


def quoted(text: str, path: tuple[str | int, ...]) -> tuple[int, int, str]:
    """Return line and column of a place in a YAML text, and its line with carets under it.

    The place is of the key or item that ``path`` names, or of the nearest one around it.
    """
    best, line, column, width = -1, 0, 0, 1
    for found, start, wide in places(text):
        if path[: len(found)] == found and len(found) > best:
            best, width = len(found), wide
            line, column = start
    lines = text.splitlines()
    left = max(0, column - _BEFORE)
    shown = "".join(c if c.isprintable() else " " for c in lines[line][left : left + 2 * _BEFORE])
    carets = max(1, min(width, len(shown) - (column - left)))
    return line + 1, column + 1, f"    {shown}\n    {' ' * (column - left)}{'^' * carets}"


def places(text: str) -> Iterator[tuple[tuple[str | int, ...], tuple[int, int], int]]:
    """Yield the path of each key and item, line and column from 0, and how wide it is."""
    stack: list[tuple[bool, str | int | None]] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            _step(stack)
        if not isinstance(event, yaml.NodeEvent) or event.start_mark is None:
            continue
        start = (event.start_mark.line, event.start_mark.column)
        if stack and stack[-1] == (True, None) and isinstance(event, yaml.ScalarEvent):
            stack[-1] = (True, str(event.value))
            here = tuple(step for _, step in stack if step is not None)
            yield here, start, len(str(event.value))
            continue
        if stack and not stack[-1][0]:
            yield tuple(step for _, step in stack if step is not None), start, 1
        if isinstance(event, yaml.CollectionStartEvent):
            mapping = isinstance(event, yaml.MappingStartEvent)
            stack.append((mapping, None if mapping else 0))
        else:
            _step(stack)


def _step(stack: list[tuple[bool, str | int | None]]) -> None:
    """Go on to the next key of a mapping, or the next item of a list."""
    if stack:
        mapping, step = stack[-1]
        stack[-1] = (mapping, None if mapping else int(step or 0) + 1)


def _malformed(where: str, reason: str, hint: str = _SIMPLE) -> SubmitterError:
    return SubmitterError("yaml-malformed", f"this is not YAML: {reason}", where=where, hint=hint)


class _Fold:
    """Folds events into values; the stacks hold the open collections and their pending keys."""

    def __init__(self, name: str, limits: Limits, first_line: int) -> None:
        self.documents: list[Json] = []
        self._name = name
        self._limits = limits
        self._first_line = first_line
        self._open: list[list[Json] | dict[str, Json]] = []
        self._keys: list[str | None] = []
        self._count = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._refused(event, "aliases are not read; write the value out")
        if isinstance(event, yaml.CollectionEndEvent):
            self._keys.pop()
            self._place(event, self._open.pop())
        elif isinstance(event, yaml.NodeEvent):
            self._begin(event)

    def _begin(self, event: yaml.NodeEvent) -> None:
        self._count += 1
        if self._count > min(_MOST_ITEMS, self._limits.items):
            raise too_much("the YAML holds too many values", self._at(event))
        if getattr(event, "tag", None) is not None:
            raise self._refused(event, "tags are not read; write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
            return
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            raise _malformed(self._at(event), "a key must be text")
        if len(self._open) >= self._limits.depth:
            raise too_deep(self._at(event))
        self._open.append({} if isinstance(event, yaml.MappingStartEvent) else [])
        self._keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text = str(event.value)
        holder = self._open[-1] if self._open else None
        if isinstance(holder, dict) and self._keys[-1] is None:
            if text in holder:
                raise SubmitterError(
                    "yaml-duplicate-key",
                    f"the key {text[:100]!r} stands twice in one mapping",
                    where=self._at(event),
                    hint="Leave one of them, as it is meant.",
                )
            if len(text) > LONGEST_KEY:
                reason = f"a key has more than {LONGEST_KEY} characters"
                raise too_much(reason, self._at(event))
            self._keys[-1] = text
            return
        plain = bool(event.implicit[0]) and event.style in (None, "")
        self._place(event, _WORDS[text] if plain and text in _WORDS else text)

    def _place(self, event: yaml.Event, value: Json) -> None:
        if not self._open:
            self.documents.append(value)
            return
        holder = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
            return
        key = self._keys[-1]
        if key is None:
            raise _malformed(self._at(event), "a key must be text")
        holder[key] = value
        self._keys[-1] = None

    def _at(self, event: yaml.Event) -> str:
        mark = event.start_mark
        if mark is None:
            return self._name
        return f"{self._name}:{mark.line + self._first_line}:{mark.column + 1}"

    def _refused(self, event: yaml.Event, reason: str) -> SubmitterError:
        return SubmitterError("yaml-not-allowed", reason, where=self._at(event), hint=_SIMPLE)
