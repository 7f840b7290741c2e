"""What is never kept: secrets, personal data and prompts, removed before anything is read.

The rules are data. A path names a place in every document of a format; what stands there, and
every copy of a removed text elsewhere in the document, is replaced by a mark. Structure stays, so
pointers into the redacted document are pointers into the original. The digest of the original
stays in the envelope.
"""

import json
import operator
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.record import record
from assaybook.intake.parsed import Parsed
from assaybook.intake.redaction_rules import RULES, TOKEN_STARTS, TOKENS, Rule
from assaybook.intake.values import Json

Blot = Callable[[str], tuple[str, int]]
"""Returns a text without what is blotted out, and how often that stood in it."""

MARK: Final = "[redacted]"
_BY_FORMAT: Final = {
    name: tuple(rule for rule in RULES if rule.format == name)
    for name in {rule.format for rule in RULES}
}
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
    removed: Counter[str] = Counter()
    secrets: set[str] = set()
    value = document.value
    for rule in _BY_FORMAT.get(format_name, ()):
        value = _at_path(value, rule.path, _blotting(rule, removed, secrets))
    secrets = {one for one in secrets if len(one) >= _LEAST_COPY}
    least = min(map(len, secrets), default=0)
    copies = _patterns(secrets)
    tokens = _may_hold_tokens(document.text) and any(
        pattern.search(document.text) for _, pattern in TOKENS
    )

    def clean(text: str) -> str:
        for blot in () if text == MARK or len(text) < least else copies:
            text, times = blot(text)
            removed["copy"] += times
        return _without_tokens(text, removed) if tokens else text

    if copies or tokens:
        value = _mapped(value, clean)
    removed = +removed
    if document.media in {"json", "json-lines"}:
        text = _written(document, value) if removed else document.text
    elif tokens:
        removed = Counter()
        text = _without_tokens(document.text, removed)
    else:
        text = document.text
    if not removed:
        return Redacted(document, None, ())
    said = tuple(f"{name}: {times}" for name, times in sorted(removed.items()))
    return Redacted(replace(document, value=value, text=text), text.encode(), said)


def _may_hold_tokens(text: str) -> bool:
    """Tell whether any token can begin in a text; far quicker than to look for each."""
    return _STARTS.search(text) is not None  # pyright: ignore[reportUnknownMemberType]


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


def _at_path(value: Json, path: tuple[str, ...], change: Callable[[Json], Json]) -> Json:
    """Return a value with a place changed; what holds no such place stays the same object."""
    if not path:
        return change(value)
    step, rest = path[0], path[1:]
    if isinstance(value, list) and step == "*":
        listed = [_at_path(one, rest, change) for one in value]
        same = all(map(operator.is_, listed, value))
        return value if same else listed
    if isinstance(value, dict) and step == "*":
        return {key: _at_path(one, rest, change) for key, one in value.items()}
    if isinstance(value, dict) and step in value:
        below = _at_path(value[step], rest, change)
        return value if below is value[step] else {**value, step: below}
    return value


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    """Return a value with every text changed; depth is bounded by the parser."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, dict):
        return {change(key): _mapped(one, change) for key, one in value.items()}
    return value


def _without_tokens(text: str, removed: Counter[str]) -> str:
    for name, pattern in TOKENS:
        text, times = pattern.subn(MARK, text)
        if times:
            removed[name] += times
    return text


def _written(document: Parsed, value: Json) -> str:
    """Write a redacted value as JSON again, or as one JSON text in each line."""
    if document.media == "json-lines" and isinstance(value, list):
        return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in value)
    return json.dumps(value, ensure_ascii=False) + "\n"
