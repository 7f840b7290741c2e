"""Secrets that are known by their form: found and cut where they can begin, and only there.

A text of many megabytes is looked through as the bytes that came. One character beyond ASCII makes
the text four times as large, so only what stands around the beginning of a secret is decoded.
"""

import re
from collections import Counter
from functools import cache
from typing import Any, Final

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.errors import SubmitterError
from assaybook.intake.copies import MARK
from assaybook.intake.parsed import Parsed
from assaybook.intake.raw import TOO_MUCH
from assaybook.intake.redaction_rules import HELD_BY, STARTS_OF, TOKENS

Tokens = tuple[tuple[str, re.Pattern[str]], ...]

_KINDS: Final = {start.encode(): kind for kind, starts in STARTS_OF.items() for start in starts}
_ESCAPED: Final = frozenset({"json", "json-lines"})
"""Texts that are written with escapes, of which the last letter can stand before a secret."""
_SHORTEST: Final = 15
"""Characters of the shortest secret."""
_WIDEST: Final = 4
"""Bytes of a character."""
_KEY: Final = "private-key"
_LONGEST_END: Final = 80 * _WIDEST
"""Bytes of the line after a key, which begins at the first hyphen after the line before it."""
_USUAL_REACH: Final = (0, 300 * _WIDEST)
_REACH: Final = {"bearer-token": (8_100, 7_100 * _WIDEST), _KEY: (100, 20_200 * _WIDEST)}
"""Bytes from the beginning of a secret in which what it holds stands, and in which it ends."""
_MOST_TOKENS: Final = 25_000
"""As many as rows may be read out of a document."""
_MOST_STARTS: Final = 100_000
"""Places where one kind of secret can begin; at each some thousand characters are looked at."""


def tokens_in(document: Parsed) -> Tokens:
    """Return the kinds of tokens that a text holds; where none can begin is told far quicker.

    Raises:
        SubmitterError: ``document-too-large``, it is a heap of secrets.
    """
    raw = document.encoded()
    found: list[tuple[str, re.Pattern[str]]] = []
    for name, pattern in kinds_in(raw):
        times = _times(raw, name, pattern, alone=document.media in _ESCAPED)
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


def kinds_in(raw: bytes) -> Tokens:
    """Return the kinds of tokens that can begin in a text, which is looked through once."""
    at = 0
    kinds = frozenset(STARTS_OF)
    while kinds:
        found: Any = _starts(kinds).search(raw, at)
        if found is None:
            break
        at = found.start()
        kinds -= {_KINDS[found.group()]}
    return tuple((name, pattern) for name, pattern in TOKENS if name not in kinds)


def without_tokens(text: str, tokens: Tokens, removed: Counter[str]) -> str:
    """Return a text without tokens of some kinds, and count them."""
    if len(text) < _SHORTEST:
        return text
    for name, pattern in tokens:
        for start in STARTS_OF[name]:
            if start in text:
                text, times = pattern.subn(MARK, text)
                if times:
                    removed[name] += times
                break
    return text


def cut(raw: bytes, tokens: Tokens, removed: Counter[str]) -> bytes:
    """Return a text in UTF-8 without tokens, as ``without_tokens`` does with a text."""
    for name, pattern in tokens:
        starts = _starts(frozenset({name}))
        kept: list[bytes] = []
        end = 0
        found: Any = starts.search(raw)
        while found is not None:
            at = found.start()
            match = _match(raw, at, name, pattern)
            if match is None:
                at += 1
            else:
                kept += [raw[end:at], MARK.encode()]
                end = at = at + len(match.group().encode())
                removed[name] += 1
            found = starts.search(raw, at)
        raw = b"".join((*kept, raw[end:])) if kept else raw
    return raw


@cache
def _starts(kinds: frozenset[str]) -> Any:  # noqa: ANN401 - a library without types
    """Return the pattern of what secrets of some kinds begin with."""
    starts = (start for kind in sorted(kinds) for start in STARTS_OF[kind])
    return re2.compile(b"|".join(re.escape(start).encode() for start in starts))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _times(raw: bytes, name: str, pattern: re.Pattern[str], *, alone: bool) -> int:
    """Return how often a secret stands in a text, looking only where one can begin.

    Where one can begin too often, that many times are told.
    """
    starts = [start.encode() for start in STARTS_OF[name]]
    if HELD_BY.get(name, "").encode() not in raw:
        looked = sum(map(raw.count, starts))
        return looked if looked > _MOST_STARTS else 0
    times = looked = 0
    for start in starts:
        at = raw.find(start)
        while at >= 0 and times <= _MOST_TOKENS:
            looked += 1
            if looked > _MOST_STARTS:
                return looked
            times += _match(raw, at, name, pattern, alone=alone) is not None
            at = raw.find(start, at + 1)
    return times


def _match(
    raw: bytes, at: int, name: str, pattern: re.Pattern[str], *, alone: bool = False
) -> re.Match[str] | None:
    """Return the secret that begins at a place, ``alone`` whatever stands before it."""
    within, reach = _REACH.get(name, _USUAL_REACH)
    held = HELD_BY.get(name, "").encode()
    found = raw.find(held, at, at + within)
    if found < 0:
        return None
    if name == _KEY and (end := raw.find(b"-", found + len(held), at + reach)) >= 0:
        reach = end - at + _LONGEST_END
    before = "" if alone else raw[max(0, at - _WIDEST) : at].decode("utf-8", "ignore")
    return pattern.match(before + raw[at : at + reach].decode("utf-8", "ignore"), len(before))
