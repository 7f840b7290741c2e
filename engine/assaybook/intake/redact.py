"""What is never kept: secrets, personal data and prompts, removed before anything is read.

The rules are data. A path names a place in every document of a format; what stands there, and
every copy of a removed text elsewhere in the document, is replaced by a mark. Structure stays, so
pointers into the redacted document are pointers into the original. The digest of the original
stays in the envelope.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.copies import MARK, Copies
from assaybook.intake.parsed import Parsed
from assaybook.intake.raw import TOO_MUCH
from assaybook.intake.redact_output import without_output
from assaybook.intake.redact_quotes import without_quotes
from assaybook.intake.redacted_text import written
from assaybook.intake.redaction_rules import (
    HELD_BY,
    RULES,
    STARTS_OF,
    TOKENS,
    Rule,
)
from assaybook.intake.values import Json

Tokens = tuple[tuple[str, re.Pattern[str]], ...]
Places: TypeAlias = "Rule | dict[str, Places]"
"""A tree of steps, with the rule for what stands at the end of them."""

_KINDS: Final = {start.encode(): kind for kind, starts in STARTS_OF.items() for start in starts}
_FEW: Final = 64
_QUOTED: Final = "sarif"
"""Messages repeat code."""
_PRINTED: Final = "junit"
"""Tests say what they said."""
_LEAST_COPY: Final = 4
"""A removed text of fewer characters would blot out innocent words elsewhere."""
_LEAST_LINE: Final = 8
_NOTHING: Final = frozenset({"", MARK})
_PLAIN: Final = re.compile(r"[\w.-]+", re.ASCII)
_SEVERAL: Final = 3
"""Trees for which it is quicker to look first which keys a document holds."""
_SAYING: Final = frozenset({str, int, float})
_HOLDERS: Final = frozenset({dict, list})
_LINE: Final = re.compile("[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]{8,}")
"""A line that is long enough, between all that ``splitlines`` takes for an end of one."""
_LONG_LINE: Final = re2.compile(_LINE.pattern)  # pyright: ignore[reportUnknownMemberType]
_WINDOW: Final = 1_000_000
_MOST_TOKENS: Final = 25_000
"""As many as rows may be read out of a document."""
_MOST_STARTS: Final = 100_000
"""Places where one kind of secret can begin; at each some thousand characters are looked at."""


@record
class _Tree:
    """Places that one walk finds; ``words`` are steps to each of them."""

    places: Places
    words: frozenset[str]


@record
class Redacted:
    """A document without what is never kept; ``kept`` is None where nothing was removed."""

    document: Parsed
    kept: bytes | None
    removed: tuple[str, ...]


def redact(document: Parsed, format_name: str, rules: tuple[Rule, ...] = ()) -> Redacted:
    """Remove from a document of a format what is never kept; ``rules`` are of an adapter's own."""
    planted = _PLACES.get(format_name, ()) if not rules else _planted(rules)
    if document.clean and not planted and format_name != _PRINTED:
        return Redacted(document, None, ())
    removed: Counter[str] = Counter()
    secrets: set[str] = set()
    value = _unquoted(document, format_name, removed)
    absent = _absent(planted, document)
    for tree in (one for one in planted if one.words.isdisjoint(absent)):
        value = _at_places(value, tree.places, removed, secrets)
    longest = _longest(document, value) if secrets else 0
    secrets = {one for one in secrets if _LEAST_COPY <= len(one) <= longest}
    copies = Copies(secrets, document.name)
    tokens = () if document.clean else _tokens_in(document)

    def clean(text: str) -> str:
        if secrets and text != MARK:
            text, times = copies.blotted(text)
            removed["copy"] += times
        return _without_tokens(text, tokens, removed) if tokens else text

    if secrets or tokens:
        value = _mapped(value, clean)
    columns = tuple(map(clean, document.columns))
    if +removed and (planted or document.media in {"json", "json-lines"}):
        text = written(document, value, columns, clean)
    elif tokens:
        removed = Counter()
        text = _without_tokens(document.text, tokens, removed)
    else:
        text = document.text
    if format_name == _PRINTED:
        text = without_output(text, removed)
    removed = +removed
    if not removed:
        return Redacted(document, None, ())
    said = tuple(f"{name}: {times}" for name, times in sorted(removed.items()))
    kept = replace(document, value=value, text=text, columns=columns)
    return Redacted(kept, text.encode(), said)


def _unquoted(document: Parsed, format_name: str, removed: Counter[str]) -> Json:
    """Return the value of a document of which no message repeats what a snippet shows."""
    if format_name != _QUOTED:
        return document.value
    return without_quotes(document.value, removed, shown="snippet" in document.text)


def _tokens_in(document: Parsed) -> Tokens:
    """Return the kinds of tokens that a text holds; where none can begin is told far quicker.

    Raises:
        SubmitterError: ``document-too-large``, it is a heap of secrets.
    """
    found: list[tuple[str, re.Pattern[str]]] = []
    for name, pattern in _kinds_in(document.text):
        times = _times(document.text, name, pattern)
        if times > _MOST_TOKENS:
            raise SubmitterError(
                "document-too-large",
                f"the document holds more than {_MOST_TOKENS} secrets, or what begins as one "
                f"({name})",
                where=document.name,
                hint=TOO_MUCH,
            )
        if times:
            found.append((name, pattern))
    return tuple(found)


def _kinds_in(text: str) -> Tokens:
    """Return the kinds of tokens that can begin in a text, which is looked through once."""
    raw, at = text.encode(), 0
    kinds = frozenset(STARTS_OF)
    while kinds:
        found: Any = _starts(kinds).search(raw, at)
        if found is None:
            break
        at = found.start()
        kinds -= {_KINDS[found.group()]}
    return tuple((name, pattern) for name, pattern in TOKENS if name not in kinds)


@cache
def _starts(kinds: frozenset[str]) -> Any:  # noqa: ANN401 - a library without types
    """Return the pattern of what secrets of some kinds begin with."""
    starts = (start for kind in sorted(kinds) for start in STARTS_OF[kind])
    return re2.compile(b"|".join(re.escape(start).encode() for start in starts))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _times(text: str, name: str, pattern: re.Pattern[str]) -> int:
    """Return how often a secret stands in a text, looking only where one can begin.

    Where one can begin too often, that many times are told.
    """
    if HELD_BY.get(name, "") not in text:
        looked = sum(map(text.count, STARTS_OF[name]))
        return looked if looked > _MOST_STARTS else 0
    times = looked = 0
    for start in STARTS_OF[name]:
        at = text.find(start)
        while at >= 0 and times <= _MOST_TOKENS:
            looked += 1
            if looked > _MOST_STARTS:
                return looked
            times += pattern.match(text, at) is not None
            at = text.find(start, at + 1)
    return times


def _removed(value: Json, rule: Rule, removed: Counter[str], secrets: set[str]) -> Json:
    """Return what is left at the place of a rule, and tell what was removed."""
    said: list[Json] = []
    left = _blotted(value, rule, said)
    removed[rule.name] += len(said)
    if rule.secret:
        secrets.update(line for one in said for line in _lines_of(str(one)))
    return left


def _blotted(value: Json, rule: Rule, said: list[Json]) -> Json:
    """Return a value with marks for all texts and numbers that a rule is for, and tell these."""
    if isinstance(value, dict):
        blotted = value.copy()
        for key, one in value.items():
            kind = type(one)
            if kind in _SAYING:
                if one not in _NOTHING and key not in rule.but:
                    blotted[key] = MARK
                    said.append(one)
            elif kind in _HOLDERS and key not in rule.but:
                blotted[key] = _blotted(one, rule, said)
        return blotted
    if isinstance(value, list):
        return [_blotted(one, rule, said) for one in value]
    if type(value) not in _SAYING or value in _NOTHING:
        return value
    said.append(value)
    return MARK


def _lines_of(text: str) -> Iterator[str]:
    """Yield a removed text, and those of its lines that can be told when they stand elsewhere."""
    yield text.strip()
    starts = range(0, len(text), _WINDOW)
    if not any(_holds_a_line(text[at : at + _WINDOW + _LEAST_LINE]) for at in starts):
        return
    for line in _LINE.finditer(text):
        found = line.group().strip()
        if len(found) >= _LEAST_LINE:
            yield found


def _holds_a_line(text: str) -> bool:
    return _LONG_LINE.search(text.encode()) is not None  # pyright: ignore[reportUnknownMemberType]


def _at_places(value: Json, places: Places, removed: Counter[str], secrets: set[str]) -> Json:
    """Return a value with all places changed; what holds none of them stays the same object."""
    if isinstance(places, Rule):
        return _removed(value, places, removed, secrets)
    if isinstance(value, list):
        below = places.get("*")
        if below is None:
            return value
        listed = [_at_places(one, below, removed, secrets) for one in value]
        return value if all(map(operator.is_, listed, value)) else listed
    if not isinstance(value, dict):
        return value
    changed: dict[str, Json] = {}
    for step, below in places.items():
        ends = isinstance(below, Rule)
        for key in value if step == "*" else (step,):
            if key in value:
                before = changed.get(key, value[key])
                if ends or type(before) in _HOLDERS:
                    after = _at_places(before, below, removed, secrets)
                    if after is not before:
                        changed[key] = after
    return {**value, **changed} if changed else value


def _absent(planted: tuple[_Tree, ...], document: Parsed) -> frozenset[str]:
    """Return the words on the way to places that no key of a document can be."""
    if len(planted) < _SEVERAL or document.media != "json" or "\\u" in document.text:
        return frozenset()
    words = frozenset[str]().union(*(tree.words for tree in planted))
    return frozenset(word for word in words if word not in document.text)


@lru_cache(_FEW)
def _planted(rules: tuple[Rule, ...]) -> tuple[_Tree, ...]:
    """Return the places of rules as trees, so that one walk finds the places of many.

    A rule whose place can lie within that of another gets a tree of its own: order would matter.
    """
    trees: list[tuple[dict[str, Any], list[Rule]]] = []
    for rule in rules:
        if not trees or any(_meet(rule.path, other.path) for other in trees[-1][1]):
            trees.append(({}, []))
        tree, within = trees[-1]
        within.append(rule)
        for step in rule.path[:-1]:
            tree = tree.setdefault(step, {})
        tree[rule.path[-1]] = rule
    return tuple(_Tree(tree, _on_the_way(within)) for tree, within in trees)


def _on_the_way(rules: list[Rule]) -> frozenset[str]:
    """Return the words that the paths of all rules have, as far as JSON writes them as they are."""
    words = set(rules[0].path).intersection(*(rule.path for rule in rules))
    return frozenset(word for word in words if _PLAIN.fullmatch(word))


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one path can lead to a place on the way of the other."""
    return all(a == b or "*" in {a, b} for a, b in zip(one, other, strict=False))


def _longest(document: Parsed, value: Json) -> int:
    """Return how long a text can be in which a copy could stand; a card has one below its front."""
    if document.media == "markdown":
        return len(document.text)
    return max(map(len, _texts(value)), default=0)


def _texts(value: Json) -> Iterator[str]:
    """Yield every text in a value, and every key."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending += one
        elif isinstance(one, dict):
            yield from one
            pending += one.values()


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    """Return a value with every text changed; depth is bounded by the parser."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {change(key): _mapped(one, change) for key, one in value.items()}
    return value


def _without_tokens(text: str, tokens: Tokens, removed: Counter[str]) -> str:
    for name, pattern in tokens:
        text, times = pattern.subn(MARK, text)
        if times:
            removed[name] += times
    return text


_PLACES: Final = {
    name: _planted(tuple(rule for rule in RULES if rule.format == name))
    for name in dict.fromkeys(rule.format for rule in RULES)
}
