"""Strict JSON: duplicate keys are refused, numbers that are none become null and are marked.

Source: RFC 8259 and I-JSON (RFC 7493). Python's own reader takes ``NaN``, ``Infinity``, ``1e999``
and repeated keys in silence; real tools write the first two, so they are read as null, and their
places are kept, since a number that is none must never meet a threshold.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Final, cast

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.json_quick import read_quickly
from assaybook.intake.limits import Limits
from assaybook.intake.raw import AS_WRITTEN, TOO_MUCH
from assaybook.intake.values import MAX_INTEGER, Json, pointer


class _NoNumber:
    """Stands for a number that cannot be used until its place is known."""


_NO_NUMBER: Final = _NoNumber()
_MOST_LINES: Final = 100_000
"""Lines of one file of JSON lines; each is parsed by itself."""
_DIGITS: Final = len(str(MAX_INTEGER)) + 1


_UNCOUNTED, _TOO_MANY_KEYS, _TOO_MANY_ENTRIES = -1, -2, -3
"""What stands for the number of keys in a text that has so few bytes that they are in bounds, and
in one that breaks them."""
_NONE: Final[frozenset[str]] = frozenset()


class _DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


@record
class JsonText:
    """A JSON value and the pointers of numbers in it that cannot be used.

    ``clean`` says that no secret can begin in the text.
    """

    value: Json
    odd: frozenset[str]
    clean: bool = False


@record
class JsonLines:
    """The values of JSON lines, the line of each (from 1), and the lines that are not JSON."""

    values: list[Json]
    lines: tuple[int, ...]
    broken: tuple[int, ...]
    odd: frozenset[str]
    clean: bool = False


def read_json(text: str, name: str, limits: Limits, raw: bytes | None = None) -> JsonText:
    """Read one JSON text; ``raw`` is the same in UTF-8, where somebody has it.

    Raises:
        SubmitterError: ``json-malformed``, ``json-duplicate-key``, ``document-too-deep``,
            ``document-too-large`` or ``text-not-unicode``.
    """
    raw = _encoded(text) if raw is None else raw
    return plain_json(raw, limits) or read_unusual(text, name, limits, raw)


def plain_json(raw: bytes, limits: Limits) -> JsonText | None:
    """Return the value of bytes that are plain JSON; None where they may be refused, or are not."""
    ends = _ends_in(raw, limits)
    quick = read_quickly(raw, (raw,), limits.depth, ends) if ends >= _UNCOUNTED else None
    return None if quick is None else JsonText(quick.values[0], _NONE, quick.clean)


def read_unusual(text: str, name: str, limits: Limits, raw: bytes | None = None) -> JsonText:
    """Read one JSON text that is not plain, as ``read_json`` does."""
    _check_bounds(_encoded(text) if raw is None else raw, name, limits)
    return read_strictly(text, name, limits)


def read_strictly(text: str, name: str, limits: Limits) -> JsonText:
    """Read one JSON text of which the size is known to be in bounds, and tell every fault."""
    _bounded_strictly(text, name, limits)
    return _cleaned(_loaded(text, name), name, limits, escaped=_may_hide(text))


def plain_lines(raw: bytes, limits: Limits) -> JsonLines | None:
    """Return the values of bytes that are plain JSON lines; None as in ``plain_json``."""
    ends = _ends_in(raw, limits)
    if ends < _UNCOUNTED or raw.count(b"\n") > _MOST_LINES:
        return None
    held = [(n, line) for n, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    quick = read_quickly(raw, [line for _, line in held], limits.depth - 1, ends)
    if quick is None:
        return None
    return JsonLines(quick.values, tuple(number for number, _ in held), (), _NONE, quick.clean)


def read_json_lines(text: str, name: str, limits: Limits) -> JsonLines | None:
    """Read JSON lines; None where the first line that has content is no JSON by itself.

    Raises:
        SubmitterError: as ``read_json``, save that a later line which is no JSON is told in
            ``broken``: a writer that was killed leaves one.
    """
    raw = _encoded(text)
    plain = plain_lines(raw, limits)
    if plain is not None:
        return plain
    _check_bounds(raw, name, limits)
    if raw.count(b"\n") > _MOST_LINES:
        if not _is_json(text.lstrip().partition("\n")[0], name):
            return None
        raise _too_much(f"the document has more than {_MOST_LINES} lines", name)
    held = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    _bounded_strictly(text, name, limits)
    values: list[Json] = []
    places: list[int] = []
    broken: list[int] = []
    for number, line in held:
        try:
            found = _loaded(line, f"{name}:{number}")
        except SubmitterError as error:
            if error.code != "json-malformed":
                raise
            if not values:
                return None
            broken.append(number)
            continue
        values.append(cast("Json", found))
        places.append(number)
    clean = _cleaned(values, name, limits, escaped=_may_hide(text))
    return JsonLines(
        clean.value if isinstance(clean.value, list) else [],
        tuple(places),
        tuple(broken),
        clean.odd,
    )


def _encoded(text: str) -> bytes:
    """Return a text in UTF-8, and half a character in what is none and will be refused."""
    return text.encode("utf-8", "surrogatepass")


def _ends_in(raw: bytes, limits: Limits) -> int:
    """Return how many keys end in a text, or that it is too short to count or has too many."""
    if len(raw) > limits.items and raw.count(b",") > limits.items:
        return _TOO_MANY_ENTRIES
    if len(raw) <= limits.keys:
        return _UNCOUNTED
    ends = raw.count(b'":')
    return ends if ends <= limits.keys else _TOO_MANY_KEYS


def _check_bounds(raw: bytes, name: str, limits: Limits) -> None:
    """Refuse a text of too many entries or keys."""
    ends = _ends_in(raw, limits)
    if ends == _TOO_MANY_ENTRIES:
        raise _too_much(f"the document has more than {limits.items} entries", name)
    if ends == _TOO_MANY_KEYS:
        raise _too_much(f"the document has more than {limits.keys} keys", name)


def _bounded_strictly(text: str, name: str, limits: Limits) -> None:
    """Refuse what would take the strict reader, which looks at each entry, too long."""
    if len(text) > limits.keys and text.count(",") > limits.keys:
        reason = f"the document has more than {limits.keys} entries, and is no plain JSON"
        raise _too_much(reason, name)


def _is_json(line: str, name: str) -> bool:
    try:
        _loaded(line, name)
    except SubmitterError as error:
        return error.code != "json-malformed"
    return True


def _too_much(reason: str, name: str) -> SubmitterError:
    return SubmitterError("document-too-large", reason, where=name, hint=TOO_MUCH)


def _loaded(text: str, where: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_constant=_constant,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise SubmitterError(
            "json-malformed",
            f"this is not JSON: {error.msg}",
            where=f"{where}:{error.lineno}:{error.colno}",
            hint=AS_WRITTEN,
        ) from error
    except _DuplicateKeyError as error:
        raise SubmitterError(
            "json-duplicate-key",
            f"the key {str(error)!r} stands twice in one object, so the file says two things",
            where=where,
            hint="Leave one of them, as the tool meant it.",
        ) from error
    except RecursionError as error:
        raise too_deep(where) from error


def too_deep(where: str) -> SubmitterError:
    """Return the error of a document that is nested too deeply."""
    return SubmitterError(
        "document-too-deep",
        "the document is nested too deeply",
        where=where,
        hint="No report of a tool is; submit the file as the tool wrote it.",
    )


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key[:100])
            seen.add(key)
    return found


def _constant(_word: str) -> object:
    return _NO_NUMBER


def _integer(written: str) -> object:
    if len(written) > _DIGITS or abs(int(written)) > MAX_INTEGER:
        return _NO_NUMBER
    return int(written)


def _may_hide(text: str) -> bool:
    """Tell whether a text can hold characters that are none; no plain one without escapes can."""
    return "\\u" in text or not text.isascii()


def _cleaned(value: object, name: str, limits: Limits, *, escaped: bool) -> JsonText:
    """Put null for numbers that are none, and check depth and texts, without recursion."""
    root: list[object] = [value]
    odd: set[str] = set()
    pending: list[tuple[list[object] | dict[str, object], tuple[str | int, ...]]] = [(root, ())]
    while pending:
        holder, path = pending.pop()
        if len(path) > limits.depth:
            raise too_deep(f"{name}#{pointer(*path[1:8])}/...")
        for key, one in _entries(holder):
            if isinstance(key, str) and escaped:
                _check_text(key, name, (*path, key))
            if isinstance(one, str):
                if escaped:
                    _check_text(one, name, (*path, key))
            elif isinstance(one, dict | list):
                pending.append((cast("dict[str, object] | list[object]", one), (*path, key)))
            elif isinstance(one, _NoNumber) or (isinstance(one, float) and not isfinite(one)):
                _put_null(holder, key)
                odd.add(pointer(*(*path, key)[1:]))
    return JsonText(cast("Json", root[0]), frozenset(odd))


def _entries(holder: list[object] | dict[str, object]) -> Iterator[tuple[str | int, object]]:
    if isinstance(holder, dict):
        yield from holder.items()
    else:
        yield from enumerate(holder)


def _put_null(holder: list[object] | dict[str, object], key: str | int) -> None:
    if isinstance(holder, dict):
        holder[str(key)] = None
    else:
        holder[int(key)] = None


def _check_text(text: str, name: str, path: tuple[str | int, ...]) -> None:
    if "\x00" not in text and (text.isascii() or _is_unicode(text)):
        return
    place = pointer(*(ascii(part) if isinstance(part, str) else part for part in path[1:]))
    raise SubmitterError(
        "text-not-unicode",
        "a text holds half a character (a lone surrogate) or NUL",
        where=f"{name}#{place}",
        hint="Such text cannot be kept or printed; write it anew with the tool's own encoder.",
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
