"""Facts of several documents to rows: equal keys are one row, what disagrees is a conflict.

A fact's key is its key columns with the scope's data set, split and path. A null key column may
equal any value, so a row that leaves a column open lends its readings to every row it may be.
Readings are never dropped in favour of others: a field with two different values is a set.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.fact_types import FACT_TYPES, columns_of
from assaybook.domain.facts import (
    Fact,
)
from assaybook.domain.metrics import canonical_split
from assaybook.domain.record import record
from assaybook.domain.values import (
    Bag,
    Conflict,
    Member,
    Pointer,
    Row,
    Scalar,
    Unknown,
    Value,
    unknown,
)
from assaybook.evaluation.odd_facts import ROUNDING, TOLD, doubted

Key = tuple[Scalar, ...]
_SCOPE_COLUMNS: Final = ("dataset", "split", "path")
_LEAST_DIGITS: Final = 2
_TRIED: Final[Mapping[str, str]] = {"operation": "tested_at"}
"""Types of facts that are tried again and again, with the column that says when."""
_COUNTED: Final[Mapping[str, tuple[str, str, str]]] = {
    "data_check": ("failed_share", "failed", "examined"),
    "attack": ("rate", "successes", "attempts"),
}
"""Types of facts with a share that two counts make, where the document does not give it."""
_NEVER_CONFLICTS: Final = frozenset({"text"})


@record
class Reading:
    """One fact as one document gives it.

    ``doubted`` holds the fields that the document has but that cannot be used; ``received`` is when
    the document was.
    """

    columns: Mapping[str, Scalar]
    doubted: Mapping[str, str]
    pointer: Pointer
    received: datetime = datetime.max.replace(tzinfo=UTC)


def key_columns(facts: str) -> tuple[str, ...]:
    """Return the key columns of a fact type, the scope's included, in their order."""
    own = FACT_TYPES[facts].key
    return own + tuple(column for column in _SCOPE_COLUMNS if column not in own)


def reading_of(fact: Fact, evidence: Evidence) -> Reading:
    """Return a fact with the scope of its document filled in where the fact does not say."""
    columns = columns_of(fact)
    scope = evidence.envelope.scope
    for name in _SCOPE_COLUMNS:
        if columns.get(name) is None:
            columns[name] = getattr(scope, name)
    if columns["split"] is not None and columns["split"] == scope.split:
        columns["split"] = _usual_split(scope.split)
    counted = _COUNTED.get(fact.type)
    if counted is not None and columns[counted[0]] is None:
        columns[counted[0]] = _share_of(columns[counted[1]], columns[counted[2]])
    envelope = evidence.envelope
    where = Pointer(envelope.id, fact.pointer)
    return Reading(columns, doubted(fact), where, envelope.received_at)


def _share_of(part: Scalar, whole: Scalar) -> float | None:
    """Return the share that two counts make, where they do."""
    if not isinstance(part, int) or not isinstance(whole, int) or not 0 <= part <= whole != 0:
        return None
    return part / whole


@lru_cache(maxsize=1024)
def _usual_split(written: str) -> str:
    """Return a split as adapters name it, where whoever submitted spelt it another way."""
    return canonical_split(written)


def merged(name: str, facts: str, readings: Iterable[Reading]) -> Bag:
    """Return the rows of a need, in the order of their keys; the list is closed.

    A row that may be another one (each leaves open what the other knows) is only possible.
    """
    columns = key_columns(facts)
    exact: dict[Key, list[Reading]] = {}
    for reading in readings:
        exact.setdefault(tuple(reading.columns.get(c) for c in columns), []).append(reading)
    lent, absorbed, crossing = _lend(exact)
    members: list[Member] = []
    for key in sorted(exact, key=_sortable):
        if key in absorbed:
            continue
        label = f"{name}[{row_key(columns, key)}]"
        maybe = unknown("conflict", label, "may be the same row as another")
        doubt = maybe if key in crossing else None
        members.extend(_members(facts, label, columns, key, exact[key] + lent[key], doubt))
    return Bag(tuple(members), label=name, kind=facts)


def row_key(columns: Sequence[str], key: Key) -> str:
    """Return the stable text of a key: known, non-empty columns as ``column=value``."""
    known = [(c, v) for c, v in zip(columns, key, strict=True) if v is not None and v != ""]
    return ", ".join(f"{column}={_plain(value)}" for column, value in known)


def _plain(value: Scalar) -> str:
    """Return the text of a key's part; one that could be taken for several stands in quotes."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if ", " in text or text[:1] == '"' else text


def key_of(row: Row) -> str:
    """Return the stable key text of a row, as waivers name it."""
    _name, _bracket, rest = row.label.partition("[")
    return rest.removesuffix("]")


def _sortable(key: Key) -> tuple[str, ...]:
    return tuple("" if part is None else f"{part}" for part in key)


def _mask(key: Key) -> tuple[bool, ...]:
    return tuple(part is not None for part in key)


def _lend(
    exact: Mapping[Key, list[Reading]],
) -> tuple[dict[Key, list[Reading]], set[Key], set[Key]]:
    """Find which keys may be the same row, by joining on the columns that both know.

    Returns what each key is lent by others, the keys absorbed by fuller ones, and the keys that
    may be another without either being fuller. Cost grows with rows x distinct null patterns.
    """
    by_mask: dict[tuple[bool, ...], list[Key]] = {}
    for key in exact:
        by_mask.setdefault(_mask(key), []).append(key)
    lent: dict[Key, list[Reading]] = {key: [] for key in exact}
    absorbed: set[Key] = set()
    crossing: set[Key] = set()
    masks = sorted(by_mask)
    for left in masks:
        for right in masks:
            if left == right:
                continue
            common = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a and b]
            fuller = all(b or not a for a, b in zip(left, right, strict=True))
            index: dict[Key, list[Key]] = {}
            for key in by_mask[right]:
                index.setdefault(tuple(key[i] for i in common), []).append(key)
            for key in by_mask[left]:
                partners = index.get(tuple(key[i] for i in common), ())
                for partner in partners:
                    lent[partner].extend(exact[key])
                if partners and fuller:
                    absorbed.add(key)
                elif partners and (sum(left), left) < (sum(right), right):
                    crossing.add(key)
    return lent, absorbed, crossing - absorbed


def _members(  # noqa: PLR0913, PLR0917
    facts: str,
    label: str,
    columns: Sequence[str],
    key: Key,
    readings: list[Reading],
    doubt: Unknown | None,
) -> Iterator[Member]:
    """Yield the row of the usable readings, and a possible one for each that cannot be used.

    A reading that cannot be used never touches a value that can: junk beside a known fail leaves
    the fail, and beside a known pass leaves it open. Where none can, the least doubted stands for
    the row: they are one all the same, since counts are of keys.
    """
    readings = sorted(readings, key=lambda one: (one.pointer.evidence, one.pointer.pointer))
    usable = _last_held(facts, [one for one in readings if not one.doubted])
    broken = sorted((one for one in readings if one.doubted), key=lambda one: len(one.doubted))
    pinned = dict(zip(columns, key, strict=True))
    yield Member(_row(facts, label, pinned, usable or broken[:1]), doubt)
    for one in broken if usable else broken[1:]:
        row = _row(facts, label, pinned, [one])
        yield Member(row, unknown(min(one.doubted.values()), label))


def _last_held(facts: str, readings: list[Reading]) -> list[Reading]:
    """Return the readings of what is tried again and again without those of other trials.

    A log of drills names each, and those to come; the last that was held says how things are. What
    tells of no trial stays.
    """
    column = _TRIED.get(facts)
    if column is None:
        return readings
    held = [
        at
        for one in readings
        if isinstance(at := one.columns.get(column), datetime) and at <= one.received
    ]
    if not held:
        return readings
    return [one for one in readings if one.columns.get(column) in (None, max(held))]


def _row(facts: str, label: str, pinned: Mapping[str, Scalar], readings: list[Reading]) -> Row:
    names = dict.fromkeys(chain.from_iterable(one.columns for one in readings))
    values: dict[str, Value] = {}
    for name in names:
        code = next((o.doubted[name] for o in readings if name in o.doubted), None)
        if name in pinned and pinned[name] is not None:
            values[name] = pinned[name]
        elif code is not None:
            values[name] = unknown(code, f"{label}.{name}", TOLD.get((facts, name, code), ""))
        else:
            values[name] = _settled(name, [one.columns.get(name) for one in readings])
    if facts == "metric":
        values["measured_on"] = _data_of(values)
    elif facts in _COUNTED:
        _weigh_lone_counts(_COUNTED[facts], values, readings)
    pointers = tuple(dict.fromkeys(one.pointer for one in readings))
    return Row(facts, label, values, pointers)


def _weigh_lone_counts(
    names: tuple[str, str, str], values: dict[str, Value], readings: Sequence[Reading]
) -> None:
    """Doubt a share that is less than a count makes which another document gives alone.

    A list of hits says how many there were and not of how many; beside a report it tells that too.
    Fewer than the report counts may be a part of the list, and take nothing back.
    """
    share, part, whole = names
    known = values[share]
    told = known.values if isinstance(known, Conflict) else (known,)
    shares = [one for one in told if isinstance(one, float)]
    alone = [one.columns[part] for one in readings if one.columns[whole] is None]
    lone = [count for count in alone if isinstance(count, int)]
    wholes = [count for one in readings if isinstance(count := one.columns[whole], int) and count]
    if not shares or not lone or not wholes:
        return
    more = min(1.0, max(lone) / min(wholes))
    if more > max(shares) + ROUNDING:
        values[share] = Conflict((*shares, more))


def _data_of(values: Mapping[str, Value]) -> str | None:
    """Return what tells the data of one value from those of another; None without the split.

    A data set that nobody named is one of its own, since most tools name none.
    """
    known = tuple(one if isinstance(one := values[name], str) else None for name in _SCOPE_COLUMNS)
    return row_key(_SCOPE_COLUMNS, known) if isinstance(values["split"], str) else None


def _settled(name: str, found: Sequence[Scalar]) -> Value:
    """Return the one value, the most exact of those that agree, or the set of those that do not."""
    known = [value for value in found if value is not None]
    if not known:
        return None
    if name in _NEVER_CONFLICTS:
        return known[0]
    distinct: list[Scalar] = []
    for value in sorted(known, key=_exactness):
        if not any(_agree(value, other) for other in distinct):
            distinct.append(value)
    return distinct[0] if len(distinct) == 1 else Conflict(tuple(sorted(distinct, key=repr)))


def _exactness(value: Scalar) -> tuple[int, str]:
    return (-_decimals(value), repr(value))


def _decimals(value: Scalar) -> int:
    """Return how many decimals a number was printed with, as far as the float still shows it."""
    if isinstance(value, bool) or not isinstance(value, float):
        return 0
    mantissa, _e, exponent = repr(value).partition("e")
    decimals = len(mantissa.partition(".")[2]) if not mantissa.endswith(".0") else 0
    return max(0, decimals - int(exponent or 0))


def _agree(one: Scalar, other: Scalar) -> bool:
    """Tell whether two readings are the same value, or the same number printed less exactly.

    One decimal says too little: 0.8 and 0.76 are two values, 0.82 and 0.8177 are one.
    """
    if type(one) is type(other) and one == other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return False
    digits = min(_decimals(one), _decimals(other))
    return one == other or (digits >= _LEAST_DIGITS and round(one, digits) == round(other, digits))
