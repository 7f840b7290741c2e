"""What is never kept: secrets, personal data and prompts, removed before anything is read.

The rules are data. A path names a place in every document of a format; what stands there, and
every copy of a removed text elsewhere in the document, is replaced by a mark. Structure stays, so
pointers into the redacted document are pointers into the original. The digest of the original
stays in the envelope.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.record import record
from assaybook.intake.copies import MARK, Copies
from assaybook.intake.parsed import Parsed
from assaybook.intake.redact_output import without_output
from assaybook.intake.redact_places import Removed, Walk, planted
from assaybook.intake.redact_quotes import without_quotes
from assaybook.intake.redact_tokens import Tokens, cut, kinds_in, tokens_in, without_tokens
from assaybook.intake.redacted_text import as_json, written
from assaybook.intake.redaction_rules import (
    RULES,
    Rule,
)
from assaybook.intake.values import Json

_JSON: Final = frozenset({"json", "json-lines"})
_FORMATS: Final = 64
_FEW: Final = 20
"""Removed texts of which each is looked for as it is in the whole text."""
_LONG: Final = 1_000
"""Characters of a removed text from which it pays to know how long a copy of it could be."""
_QUOTED: Final = "sarif"
"""Messages repeat code."""
_PRINTED: Final = "junit"
"""Tests say what they said."""
_LEAST_COPY: Final = 4
"""A removed text of fewer characters would blot out innocent words elsewhere."""
_LEAST_LINE: Final = 8
_LINE: Final = re.compile("[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]{8,}")
"""A line that is long enough, between all that ``splitlines`` takes for an end of one."""
_LONG_LINE: Final = re2.compile(_LINE.pattern)  # pyright: ignore[reportUnknownMemberType]
_WINDOW: Final = 1_000_000


@record
class Redacted:
    """A document without what is never kept; ``kept`` is None where nothing was removed."""

    document: Parsed
    kept: bytes | None
    removed: tuple[str, ...]


def redact(document: Parsed, format_name: str, rules: tuple[Rule, ...] = ()) -> Redacted:
    """Remove from a document of a format what is never kept; ``rules`` are of an adapter's own.

    The value is changed as it stands, so that ``document`` is of no more use.
    """
    walk = planted(rules) if rules else _walk_of(format_name)
    if document.clean and walk is None and format_name != _PRINTED:
        return Redacted(document, None, ())
    found = Removed()
    removed = found.times
    value = _walked(document, format_name, walk, found)
    secrets = _looked_for(document, value, found.secrets)
    tokens = () if document.clean else tokens_in(document)
    kept: bytes | None = None
    if (secrets or tokens) and +removed and document.media in _JSON:
        # Most secrets stand where they are removed from, and nowhere else.
        kept = written(document, value, (), str)
        secrets = secrets if _can_hold(kept, secrets) else set[str]()
        tokens = _still_in(kept, tokens)
    clean = _cleaner(Copies(secrets, document.name) if secrets else None, tokens, removed)
    if secrets or tokens:
        value, kept = _mapped(value, clean), None
    columns = tuple(map(clean, document.columns))
    if +removed and (walk is not None or document.media in _JSON):
        kept = kept or written(document, value, columns, clean)
    else:
        removed.clear()
        if not tokens and format_name != _PRINTED:
            return Redacted(document, None, ())
        kept = document.encoded()
        if tokens:
            kept = cut(kept, tokens, removed)
    if format_name == _PRINTED:
        kept = without_output(kept, removed)
    if not +removed:
        return Redacted(document, None, ())
    said = tuple(f"{name}: {times}" for name, times in sorted((+removed).items()))
    left = replace(document, value=value, source=kept, columns=columns)
    return Redacted(left, kept, said)


@lru_cache(_FORMATS)
def _walk_of(format_name: str) -> "Walk | None":
    """Return what walks to the places that our own rules for a format name, if there are any."""
    rules = tuple(rule for rule in RULES if rule.format == format_name)
    return planted(rules) if rules else None


def _cleaner(copies: Copies | None, tokens: Tokens, removed: Counter[str]) -> Callable[[str], str]:
    """Return what changes a text, and counts what was removed."""

    def clean(text: str) -> str:
        if copies is not None and text != MARK:
            text, times = copies.blotted(text)
            removed["copy"] += times
        return without_tokens(text, tokens, removed) if tokens else text

    return clean


def _walked(document: Parsed, format_name: str, walk: "Walk | None", found: Removed) -> Json:
    """Return the value of a document without what stands at places, or is repeated in messages."""
    if format_name == _QUOTED:
        without_quotes(document, found.times)
    return document.value if walk is None else walk(document.value, found)


def _looked_for(document: Parsed, value: Json, removed: set[str]) -> set[str]:
    """Return the removed texts, and lines of them, of which a copy may stand elsewhere."""
    found = {one for text in removed for one in _lines_of(text) if len(one) >= _LEAST_COPY}
    if not found or len(max(found, key=len)) <= _LONG:
        return found
    longest = _longest(document, value)
    return {one for one in found if len(one) <= longest}


def _can_hold(raw: bytes, secrets: set[str]) -> bool:
    """Tell whether a JSON text can hold one of some texts; of many nobody asks."""
    return len(secrets) > _FEW or any(as_json(one)[1:-1] in raw for one in secrets)


def _still_in(raw: bytes, tokens: Tokens) -> Tokens:
    """Return those kinds of tokens of which a JSON text still holds what they begin with."""
    kinds = {name for name, _ in kinds_in(raw)} if tokens else set[str]()
    return tuple(one for one in tokens if one[0] in kinds)


def _lines_of(text: str) -> Iterator[str]:
    """Yield a removed text, and those of its lines that can be told when they stand elsewhere."""
    yield text.strip()
    if len(text) <= _LONG and len(text.splitlines()) <= 1:
        return
    starts = range(0, len(text), _WINDOW)
    if not any(_holds_a_line(text[at : at + _WINDOW + _LEAST_LINE]) for at in starts):
        return
    for line in _LINE.finditer(text):
        found = line.group().strip()
        if len(found) >= _LEAST_LINE:
            yield found


def _holds_a_line(text: str) -> bool:
    return _LONG_LINE.search(text.encode()) is not None  # pyright: ignore[reportUnknownMemberType]


def _longest(document: Parsed, value: Json) -> int:
    """Return how long a text can be in which a copy could stand; a card has one below its front."""
    if document.media == "markdown":
        return len(document.source)
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
    """Change every text in a value as it stands, and return it; depth is bounded by the parser."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        for index, one in enumerate(value):
            value[index] = _mapped(one, change)
    elif isinstance(value, dict):
        for key, one in value.items():
            value[key] = _mapped(one, change)  # no key is new
        keys = [change(key) for key in value]
        if any(map(operator.is_not, keys, value)):
            changed = dict(zip(keys, value.values(), strict=True))
            value.clear()
            value.update(changed)
    return value
