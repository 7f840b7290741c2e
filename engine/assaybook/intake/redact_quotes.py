"""What a finding in SARIF says in its own words of the code that it is about.

A snippet is removed by a rule. Scanners repeat parts of it in the message: Bandit the password,
Semgrep whatever a variable of its pattern stands for. Such parts go too, from the messages of the
same result; elsewhere the same words may be innocent. Tools that look for secrets name them with no
snippet beside, so none of their messages is kept.
"""

import operator
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.intake.adapters.sarif_classes import class_of_driver
from assaybook.intake.copies import MARK
from assaybook.intake.values import Json, mapping, sequence

_LITERAL: Final = re.compile(r"\"((?:\\.|[^\"\\\n]){4,})\"|'((?:\\.|[^'\\\n]){4,})'")
_ASSIGNED: Final = re.compile(r"[=:]\s{0,100}([^\s\"'`,;(){}\[\]]{6,})")
_BARE: Final = re.compile(r"\S{4,400}")
_WORDS: Final = "message"
_NOTHING: Final = frozenset({"", MARK})
_HOLDERS: Final = frozenset({dict, list})
_MOST: Final = 200
"""Parts of one snippet; where there are more, the messages go as a whole."""


def without_quotes(value: Json, removed: Counter[str], *, shown: bool) -> Json:
    """Return a log of which no message repeats code; counts what was removed as ``quoted``.

    ``shown`` is whether there is a snippet anywhere.
    """
    runs: list[Json] = []
    changed = False
    for raw in sequence(mapping(value).get("runs")):
        results = sequence(mapping(raw).get("results"))
        driver = mapping(mapping(mapping(raw).get("tool")).get("driver"))
        looks_for_secrets = class_of_driver(str(driver.get("name"))) == "secret"
        if not looks_for_secrets and not shown:
            runs.append(raw)
            continue
        blot = _silent if looks_for_secrets else _result
        kept = [blot(one, removed) for one in results]
        same = all(map(operator.is_, results, kept))
        changed = changed or not same
        runs.append(raw if same else {**mapping(raw), "results": kept})
    return {**mapping(value), "runs": runs} if changed else value


def _silent(value: Json, removed: Counter[str]) -> Json:
    """Return a result of a tool that looks for secrets, which may name them, without its words."""
    return _without(value, None, removed, said=False)


def _result(value: Json, removed: Counter[str]) -> Json:
    parts = sorted({part for text in _snippets(value) for part in _parts(text)}, key=len)
    if not parts:
        return value
    return _without(value, parts[::-1], removed, said=False)


def _snippets(value: Json) -> Iterator[str]:
    """Yield the texts of all snippets in a result; depth is bounded by the parser."""
    if isinstance(value, list):
        for one in value:
            yield from _snippets(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "snippet":
                text = mapping(one).get("text")
                if isinstance(text, str) and text != MARK:
                    yield text
            else:
                yield from _snippets(one)


def _parts(text: str) -> Iterator[str]:
    """Yield the literals of a piece of code, what is assigned in it, and itself if it is a word."""
    for match in _LITERAL.finditer(text):
        yield match.group(1) or match.group(2)
    for match in _ASSIGNED.finditer(text):
        yield match.group(1)
    if _BARE.fullmatch(text.strip()):
        yield text.strip()


def _without(value: Json, parts: list[str] | None, removed: Counter[str], *, said: bool) -> Json:
    """Return a value without parts in its messages, or without any words of theirs for None.

    What holds none of them stays the same object.
    ``said`` is whether the value is in a message.
    """
    if isinstance(value, list):
        kept = [_without(one, parts, removed, said=said) for one in value]
        return value if all(map(operator.is_, kept, value)) else kept
    if isinstance(value, dict):
        changed: dict[str, Json] = {}
        for key, one in value.items():
            within = said or key == _WORDS
            if type(one) in _HOLDERS:
                after = _without(one, parts, removed, said=within)
            elif within and isinstance(one, str):
                after = _cut(one, parts, removed)
            else:
                continue
            if after is not one:
                changed[key] = after
        return {**value, **changed} if changed else value
    return _cut(value, parts, removed) if said and isinstance(value, str) else value


def _cut(text: str, parts: list[str] | None, removed: Counter[str]) -> str:
    """Return a text of a message without parts."""
    if text in _NOTHING:
        return text
    if parts is None or len(parts) > _MOST:
        removed["quoted"] += 1
        return MARK
    for part in parts:
        if part in text:
            removed["quoted"] += text.count(part)
            text = text.replace(part, MARK)
    return text
