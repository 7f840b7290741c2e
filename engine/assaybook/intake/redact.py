"""What is never kept: secrets, personal data and prompts, removed before anything is read.

The rules are data. A path names a place in every document of a format; what stands there, and
every copy of a removed text elsewhere in the document, is replaced by a mark. Structure stays, so
pointers into the redacted document are pointers into the original. The digest of the original
stays in the envelope.
"""

import json
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.record import record
from assaybook.intake.parsed import Parsed
from assaybook.intake.redaction_rules import RULES, TOKEN_STARTS, TOKENS, Rule
from assaybook.intake.values import Json

Blot = Callable[[str], tuple[str, int]]
"""Returns a text without what is blotted out, and how often that stood in it."""

Tokens = tuple[tuple[str, re.Pattern[str]], ...]
Places: TypeAlias = "Rule | dict[str, Places]"
"""A tree of steps, with the rule for what stands at the end of them."""

MARK: Final = "[redacted]"
_STARTS: Final = re2.compile("|".join(map(re2.escape, TOKEN_STARTS)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
_LEAST_COPY: Final = 4
"""A removed text of fewer characters would blot out innocent words elsewhere."""
_LEAST_LINE: Final = 8
_PATTERN: Final = 50_000
"""Characters of secrets that one pattern looks for; more would outgrow its memory."""


@record
class Redacted:
    """A document without what is never kept; ``kept`` is None where nothing was removed."""

    document: Parsed
    kept: bytes | None
    removed: tuple[str, ...]


def redact(document: Parsed, format_name: str) -> Redacted:
    """Remove from a document of a format what is never kept."""
    planted = _PLACES.get(format_name, ())
    if document.clean and not planted:
        return Redacted(document, None, ())
    removed: Counter[str] = Counter()
    secrets: set[str] = set()
    value = document.value
    for places in planted:
        value = _at_places(value, places, removed, secrets)
    secrets = {one for one in secrets if len(one) >= _LEAST_COPY}
    least = min(map(len, secrets), default=0)
    copies = _patterns(secrets)
    tokens = () if document.clean else _tokens_in(document.text)

    def clean(text: str) -> str:
        for blot in () if text == MARK or len(text) < least else copies:
            text, times = blot(text)
            removed["copy"] += times
        return _without_tokens(text, tokens, removed) if tokens else text

    if copies or tokens:
        value = _mapped(value, clean)
    removed = +removed
    if document.media in {"json", "json-lines"}:
        text = _written(document, value) if removed else document.text
    elif tokens:
        removed = Counter()
        text = _without_tokens(document.text, tokens, removed)
    else:
        text = document.text
    if not removed:
        return Redacted(document, None, ())
    said = tuple(f"{name}: {times}" for name, times in sorted(removed.items()))
    return Redacted(replace(document, value=value, text=text), text.encode(), said)


def _tokens_in(text: str) -> Tokens:
    """Return the kinds of tokens that a text holds; where none can begin is told far quicker."""
    if _STARTS.search(text) is None:  # pyright: ignore[reportUnknownMemberType]
        return ()
    return tuple((name, pattern) for name, pattern in TOKENS if pattern.search(text))


def _blotting(rule: Rule, removed: Counter[str], secrets: set[str]) -> Callable[[Json], Json]:
    def blot(value: Json) -> Json:
        if value is None or value in ("", MARK) or isinstance(value, bool):
            return value
        if isinstance(value, list):
            return [blot(one) for one in value]
        if isinstance(value, dict):
            return {key: one if key in rule.but else blot(one) for key, one in value.items()}
        removed[rule.name] += 1
        if rule.secret:
            secrets.add(str(value).strip())
            lines = map(str.strip, str(value).splitlines())
            secrets.update(line for line in lines if len(line) >= _LEAST_LINE)
        return MARK

    return blot


def _patterns(secrets: set[str]) -> list[Blot]:
    """Return functions that blot any of the texts out in linear time, longest first."""
    found: list[Blot] = []
    part: list[str] = []
    for secret in sorted(secrets, key=lambda one: (-len(one), one)):
        part.append(secret)
        if sum(map(len, part)) > _PATTERN:
            found.append(_blot(part))
            part = []
    return [*found, _blot(part)] if part else found


def _blot(secrets: list[str]) -> Blot:
    escaped: list[str] = [str(re2.escape(one)) for one in secrets]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    pattern = re2.compile("|".join(escaped))  # pyright: ignore[reportUnknownMemberType]
    return lambda text: pattern.subn(MARK, text)  # pyright: ignore[reportUnknownMemberType]


def _at_places(value: Json, places: Places, removed: Counter[str], secrets: set[str]) -> Json:
    """Return a value with all places changed; what holds none of them stays the same object."""
    if isinstance(places, Rule):
        return _blotting(places, removed, secrets)(value)
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
        for key in tuple(value) if step == "*" else (step,):
            if key in value:
                before = changed.get(key, value[key])
                after = _at_places(before, below, removed, secrets)
                if after is not before:
                    changed[key] = after
    return {**value, **changed} if changed else value


def _planted(rules: Iterable[Rule]) -> tuple[Places, ...]:
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
    return tuple(tree for tree, _ in trees)


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one path can lead to a place on the way of the other."""
    return all(a == b or "*" in {a, b} for a, b in zip(one, other, strict=False))


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


def _written(document: Parsed, value: Json) -> str:
    """Write a redacted value as JSON again, or as one JSON text in each line."""
    if document.media == "json-lines" and isinstance(value, list):
        return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in value)
    return json.dumps(value, ensure_ascii=False) + "\n"


_PLACES: Final = {
    name: _planted(rule for rule in RULES if rule.format == name)
    for name in dict.fromkeys(rule.format for rule in RULES)
}
