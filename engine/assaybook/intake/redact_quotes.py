"""What a finding in SARIF says in its own words of the code that it is about.

A snippet is removed by a rule. Scanners repeat parts of it in the message: Bandit the password,
Semgrep whatever a variable of its pattern stands for. Such parts go too, from the messages of the
same result; elsewhere the same words may be innocent. Tools that look for secrets name them with no
snippet beside, so none of their messages is kept.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from gc import is_tracked
from typing import Final, TypeAlias

from assaybook.intake.adapters.sarif_classes import class_of_driver
from assaybook.intake.copies import MARK
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, sequence

Blot: TypeAlias = Callable[[Json, Counter[str]], None]

_LITERAL: Final = re.compile(r"\"((?:\\.|[^\"\\\n]){4,})\"|'((?:\\.|[^'\\\n]){4,})'")
_ASSIGNED: Final = re.compile(r"[=:]\s{0,100}([^\s\"'`,;(){}\[\]]{6,})")
_BARE: Final = re.compile(r"\S{4,400}")
_WORDS: Final = "message"
_NOTHING: Final = frozenset({"", MARK})
_HOLDERS: Final = frozenset({dict, list})
_ESCAPE: Final = "\\u00"
_ESCAPED: Final = (f"{_ESCAPE}6", f"{_ESCAPE}7")
"""How a letter of that word can be written in JSON besides."""
_MOST: Final = 200
"""Parts of one snippet; where there are more, the messages go as a whole."""


def without_quotes(document: Parsed, removed: Counter[str]) -> None:
    """Cut from the messages of a log what repeats code; counts what was removed as ``quoted``."""
    shown = document.holds("snippet")
    runs = [mapping(raw) for raw in sequence(mapping(document.value).get("runs"))]
    listed = [sequence(run.get("results")) for run in runs]
    silent: Blot | None = None
    for run, results in zip(runs, listed, strict=True):
        driver = mapping(mapping(run.get("tool")).get("driver"))
        looks_for_secrets = class_of_driver(str(driver.get("name"))) == "secret"
        if not looks_for_secrets and not shown:
            continue
        if looks_for_secrets and silent is None:
            silent = _silent_above if _stand_above(document, listed) else _silent
        blot = silent if looks_for_secrets and silent is not None else _result
        for one in results:
            blot(one, removed)


def _stand_above(document: Parsed, listed: list[list[Json]]) -> bool:
    """Tell whether all messages of a log are known to stand at the top of its results.

    Then there are as many as results that have one, and none is written with escapes.
    """
    above = sum(_WORDS in mapping(one) for results in listed for one in results)
    written = document.encoded().count(f'"{_WORDS}"'.encode())
    # A backslash is soon found or missed; the rest is only looked for where it can stand.
    escaped = document.holds(_ESCAPE[0]) and document.holds(_ESCAPE)
    return written == above and not (escaped and any(map(document.holds, _ESCAPED)))


def _silent_above(value: Json, removed: Counter[str]) -> None:
    """Do as ``_silent`` with a result whose only message stands at its top."""
    result = mapping(value)
    if _WORDS in result:
        result[_WORDS] = _without(result[_WORDS], None, removed, said=True)


def _silent(value: Json, removed: Counter[str]) -> None:
    """Take from a result of a tool that looks for secrets, which may name them, its words."""
    _without(value, None, removed, said=False)


def _result(value: Json, removed: Counter[str]) -> None:
    """Cut from the messages of a result what its snippets show."""
    snippets, said = _seen(value)
    found = {part for text in snippets for part in _parts(text)}
    if len(found) > _MOST or any(part in text for text in said for part in found):
        _without(value, sorted(found, key=len)[::-1], removed, said=False)


def _seen(value: Json) -> tuple[list[str], list[str]]:
    """Return the texts of all snippets in a result, and those of all messages."""
    snippets: list[str] = []
    shown: list[Json] = []
    said: list[Json] = []
    pending = [value]
    for holder in pending:
        if isinstance(holder, list):
            pending += [one for one in holder if type(one) in _HOLDERS]
            continue
        for key, one in mapping(holder).items():
            if key == _WORDS:
                said.append(one)
            if key == "snippet":
                shown.append(one)
                text = mapping(one).get("text")
                if isinstance(text, str) and text != MARK:
                    snippets.append(text)
            elif type(one) in _HOLDERS:
                pending.append(one)
    said += _messages_in(shown)
    return snippets, list(_texts(said)) if snippets else []


def _messages_in(pending: list[Json]) -> Iterator[Json]:
    """Yield the messages below some values."""
    for holder in pending:
        if isinstance(holder, list):
            pending += holder
        elif isinstance(holder, dict):
            pending += holder.values()
            if _WORDS in holder:
                yield holder[_WORDS]


def _texts(pending: list[Json]) -> Iterator[str]:
    """Yield the texts in some values."""
    for one in pending:
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            pending += one
        elif isinstance(one, dict):
            pending += one.values()


def _parts(text: str) -> Iterator[str]:
    """Yield the literals of a piece of code, what is assigned in it, and itself if it is a word."""
    for match in _LITERAL.finditer(text):
        yield match.group(1) or match.group(2)
    for match in _ASSIGNED.finditer(text):
        yield match.group(1)
    if _BARE.fullmatch(text.strip()):
        yield text.strip()


def _without(value: Json, parts: list[str] | None, removed: Counter[str], *, said: bool) -> Json:
    """Cut parts from the messages in a value, or any words of theirs for None, and return it.

    ``said`` is whether the value is in a message.
    """
    if isinstance(value, list):
        for index, one in enumerate(value):
            after = _without(one, parts, removed, said=said)
            if after is not one:
                value[index] = after
        return value
    if isinstance(value, dict):
        for key, one in value.items():
            if type(one) in _HOLDERS:
                within = said or key == _WORDS
                if within or not _has_no_message(one):
                    _without(one, parts, removed, said=within)
            elif (said or key == _WORDS) and isinstance(one, str):
                value[key] = _cut(one, parts, removed)  # no key is new
        return value
    return _cut(value, parts, removed) if said and isinstance(value, str) else value


def _has_no_message(value: Json) -> bool:
    """Tell whether a value is known to have none: an object of plain values has none below."""
    return isinstance(value, dict) and _WORDS not in value and not is_tracked(value)


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
