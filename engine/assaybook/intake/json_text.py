"""Strict JSON: duplicate keys are refused, numbers that are none become null and are marked.

Source: RFC 8259 and I-JSON (RFC 7493). Python's own reader takes ``NaN``, ``Infinity``, ``1e999``
and repeated keys in silence; real tools write the first two, so they are read as null, and their
places are kept, since a number that is none must never meet a threshold.
"""

import json
from math import inf
from typing import Final, cast

from pydantic_core import from_json

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.json_odd import cleaned, no_unicode, too_deep, too_much
from assaybook.intake.json_quick import keys_in, keys_written, read_quickly
from assaybook.intake.limits import Limits
from assaybook.intake.raw import AS_WRITTEN
from assaybook.intake.values import MAX_INTEGER, Json

_MOST_LINES: Final = 100_000
"""Lines of one file of JSON lines; each is parsed by itself."""
_DIGITS: Final = len(str(MAX_INTEGER)) + 1
_LARGE: Final = 10_000_000
"""Bytes of a text that is parsed as it came: decoded it can be four times as large."""
_DEEPEST: Final = 10_000
"""More levels than the compiled parser takes."""
_FEW: Final = 100
"""Bytes of a line that tell of almost all that something stands in them."""
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


def read_json(text: str | bytes, name: str, limits: Limits) -> JsonText:
    """Read one JSON text, which may be given in UTF-8.

    Raises:
        SubmitterError: ``json-malformed``, ``json-duplicate-key``, ``document-too-deep``,
            ``document-too-large`` or ``text-not-unicode``.
    """
    raw = text if isinstance(text, bytes) else _encoded(text)
    return plain_json(raw, limits) or read_unusual(raw, name, limits)


def plain_json(raw: bytes, limits: Limits) -> JsonText | None:
    """Return the value of bytes that are plain JSON; None where they may be refused, or are not."""
    ends = _ends_in(raw, limits)
    quick = read_quickly(raw, (raw,), limits.depth, ends) if ends >= _UNCOUNTED else None
    return None if quick is None else JsonText(quick.values[0], _NONE, quick.clean)


def read_unusual(raw: bytes, name: str, limits: Limits) -> JsonText:
    """Read one JSON text that is not plain, as ``read_json`` does."""
    _check_bounds(raw, name, limits)
    return read_strictly(raw, name, limits)


def read_strictly(raw: bytes, name: str, limits: Limits) -> JsonText:
    """Read one JSON text of which the size is known to be in bounds, and tell every fault."""
    _bounded_strictly(raw, name, limits)
    root = [_loaded(raw, name)]
    odd = cleaned(root, raw, name, limits)
    return JsonText(root[0], odd)


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


def read_unusual_lines(raw: bytes, name: str, limits: Limits) -> JsonLines | None:
    """Read JSON lines that are not plain; None where the first with content is no JSON by itself.

    Raises:
        SubmitterError: as ``read_json``, save that a later line which is no JSON is told in
            ``broken``: a writer that was killed leaves one.
    """
    _check_bounds(raw, name, limits)
    if raw.count(b"\n") > _MOST_LINES:
        if not _is_json(_first_line(raw), name):
            return None
        raise too_much(f"the document has more than {_MOST_LINES} lines", name)
    _bounded_strictly(raw, name, limits)
    values: list[Json] = []
    places: list[int] = []
    broken: list[int] = []
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if _is_blank(line):
            continue
        try:
            found = _loaded(line, f"{name}:{number}")
        except SubmitterError as error:
            if error.code != "json-malformed":
                raise
            if not values:
                return None
            broken.append(number)
            continue
        values.append(found)
        places.append(number)
    odd = cleaned([cast("Json", values)], raw, name, limits)
    return JsonLines(values, tuple(places), tuple(broken), odd)


def _encoded(text: str) -> bytes:
    """Return a text in UTF-8, and half a character in what is none and will be refused."""
    return text.encode("utf-8", "surrogatepass")


def _first_line(raw: bytes) -> bytes:
    """Return the first line that has content."""
    start = len(raw) - len(raw.lstrip())
    end = raw.find(b"\n", start)
    return raw[start : end if end >= 0 else len(raw)]


def _is_blank(line: bytes) -> bool:
    """Tell whether a line holds nothing but what a text takes for white space."""
    held = line.strip()
    begins = held[:_FEW].decode("utf-8", "ignore")
    return not held or (begins.isspace() and held.decode().isspace())


def _ends_in(raw: bytes, limits: Limits) -> int:
    """Return how many keys end in a text, or that it is too short to count or has too many."""
    if len(raw) > limits.items and (
        raw.count(b",") > limits.items or _brackets_in(raw) > limits.items
    ):
        return _TOO_MANY_ENTRIES
    if len(raw) <= limits.keys:
        return _UNCOUNTED
    ends = raw.count(b'":')
    return ends if ends <= limits.keys else _TOO_MANY_KEYS


def _brackets_in(raw: bytes) -> int:
    """Return how many objects and lists begin in a text; each is an entry of the one around it."""
    return raw.count(b"{") + raw.count(b"[")


def _check_bounds(raw: bytes, name: str, limits: Limits) -> None:
    """Refuse a text of too many entries or keys."""
    ends = _ends_in(raw, limits)
    if ends == _TOO_MANY_ENTRIES:
        raise too_much(f"the document has more than {limits.items} entries", name)
    if ends == _TOO_MANY_KEYS:
        raise too_much(f"the document has more than {limits.keys} keys", name)


def _bounded_strictly(raw: bytes, name: str, limits: Limits) -> None:
    """Refuse what would take the strict reader, which looks at each entry, too long."""
    if len(raw) > limits.keys and max(raw.count(b","), _brackets_in(raw)) > limits.keys:
        reason = f"the document has more than {limits.keys} entries, and some of them are unusual"
        raise too_much(reason, name)


def _is_json(line: bytes, name: str) -> bool:
    try:
        _loaded(line, name)
    except SubmitterError as error:
        return error.code != "json-malformed"
    return True


def _loaded(raw: bytes, where: str) -> Json:
    """Return the value of a JSON text in which no key is repeated; odd numbers are infinite."""
    if len(raw) > _LARGE:
        return _loaded_as_it_came(raw, where)
    try:
        text = raw.decode("utf-8", "surrogatepass")
        found: Json = json.loads(text, object_pairs_hook=_pairs, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise _malformed(error.msg, f"{where}:{error.lineno}:{error.colno}") from error
    except _DuplicateKeyError as error:
        raise _repeated(f"the key {str(error)!r}", where) from error
    except RecursionError as error:
        raise too_deep(where) from error
    return found


def _loaded_as_it_came(raw: bytes, where: str) -> Json:
    """Return the value of a large JSON text, of which no decoded copy is made."""
    try:
        value: Json = from_json(raw)
    except ValueError as error:
        said, _, place = str(error).partition(" at line ")
        at = ":".join([where, *place.split(" column ")])
        if "out of range" in said:
            raise too_much("a number has more than 4,300 digits", where) from error
        if "recursion" in said:
            raise too_deep(where) from error
        if "surrogate" in said or "hex escape" in said or "unicode" in said:
            raise no_unicode(at) from error
        raise _malformed(said, at) from error
    if keys_in([value], b"", _DEEPEST) != keys_written(raw):
        raise _repeated("a key", where)
    return value


def _malformed(reason: str, where: str) -> SubmitterError:
    message = f"this is not JSON: {reason}"
    return SubmitterError("json-malformed", message, where=where, hint=AS_WRITTEN)


def _repeated(key: str, where: str) -> SubmitterError:
    return SubmitterError(
        "json-duplicate-key",
        f"{key} stands twice in one object, so the file says two things",
        where=where,
        hint="Leave one of them, as the tool meant it.",
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


def _integer(written: str) -> float:
    """Return an integer, or infinity for one of which other readers would make another."""
    return inf if len(written) > _DIGITS else int(written)
