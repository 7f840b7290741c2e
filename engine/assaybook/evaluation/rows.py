"""Facts of several documents to rows: equal keys are one row, what disagrees is a conflict.

A fact's key is its key columns with the scope's data set, split and path. A null key column may
equal any value, so a row that leaves a column open lends its readings to every row it may be.
Readings are never dropped in favour of others: a field with two different values is a set.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from assaybook.domain.documents import Evidence
from assaybook.domain.fact_types import FACT_TYPES, columns_of
from assaybook.domain.facts import (
    Attack,
    DataCheck,
    Documentation,
    Drift,
    Fact,
    Lineage,
    Metric,
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

Key = tuple[Scalar, ...]
_SCOPE_COLUMNS: Final = ("dataset", "split", "path")
_LEAST_DIGITS: Final = 2
_ROUNDING: Final = 0.005
"""How far a share may be from its counts: per cent without decimals are printed by some tools."""
_TRIED: Final[Mapping[str, str]] = {"operation": "tested_at"}
"""Types of facts that are tried again and again, with the column that says when."""
_HEX_DIGITS: Final[Mapping[str, int]] = {
    "md5": 32,
    "sha1": 40,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
}
"""Digits of a whole digest of each algorithm."""
_COUNTED: Final[Mapping[str, tuple[str, str, str]]] = {
    "data_check": ("failed_share", "failed", "examined"),
    "attack": ("rate", "successes", "attempts"),
}
"""Types of facts with a share that two counts make, where the document does not give it."""
_SHARES: Final = frozenset(("p_value", "share"))
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
    return Reading(columns, _doubted(fact), where, envelope.received_at)


def _share_of(part: Scalar, whole: Scalar) -> float | None:
    """Return the share that two counts make, where they do."""
    if not isinstance(part, int) or not isinstance(whole, int) or not 0 <= part <= whole != 0:
        return None
    return part / whole


@lru_cache(maxsize=1024)
def _usual_split(written: str) -> str:
    """Return a split as adapters name it, where whoever submitted spelt it another way."""
    return canonical_split(written)


def _doubted(fact: Fact) -> Mapping[str, str]:
    """Return the fields that cannot be used, by themselves or beside the others of the fact.

    A number of drift of no known statistic has no unit: else it would be lent to a row of a
    p-value, of which little is bad. A share less than what failed of what was examined, or what
    succeeded of what was attacked, is nonsense, and so is a check that fails on nothing. A value
    of no trials is none, and one outside of its own interval, or of more trials than rows, is not
    known. A topic without a word is not there. A digest that was cut off names no bytes, and
    neither does a tool's own name for a version, such as the eight digits of MLflow.
    """
    find = _ODDITIES.get(fact.type)
    odd = find(fact) if find is not None else _NOTHING
    return {**fact.unknown, **odd} if odd else fact.unknown


def _odd_metric(fact: Metric) -> Mapping[str, str]:
    value = fact.value
    if value is None:
        return _NOTHING
    if 0 in {fact.n, fact.n_rows}:
        return {"value": "too_few"}
    slack = _ROUNDING * max(1.0, abs(value))
    low, high = fact.ci_low, fact.ci_high
    under = low is not None and value + slack < low
    over = high is not None and value - slack > high
    more = fact.n is not None and fact.n_rows is not None and fact.n > fact.n_rows
    return {"value": "malformed"} if under or over or more else _NOTHING


def _odd_check(fact: DataCheck) -> Mapping[str, str]:
    on_nothing = fact.status == "fail" and fact.failed_share == 0
    hides = _hides(fact.failed_share, fact.failed, fact.examined)
    return {"failed_share": "malformed"} if on_nothing or hides else _NOTHING


def _odd_attack(fact: Attack) -> Mapping[str, str]:
    hides = _hides(fact.rate, fact.successes, fact.attempts)
    return {"rate": "malformed"} if hides else _NOTHING


def _odd_drift(fact: Drift) -> Mapping[str, str]:
    """Find a number of no statistic, or no share though it is said to be one.

    A p-value of 4 is one in per cent or none at all, and would pass every least p-value.
    """
    value = fact.value
    if value is None:
        return _NOTHING
    no_unit = fact.statistic is None or (fact.statistic in _SHARES and value > 1)
    return {"value": "unit"} if no_unit else _NOTHING


def _odd_topic(fact: Documentation) -> Mapping[str, str]:
    says_nothing = fact.present and fact.text is not None and not fact.text.strip()
    return {"present": "malformed"} if says_nothing else _NOTHING


def _odd_edge(fact: Lineage) -> Mapping[str, str]:
    if fact.digest is None:
        return _NOTHING
    algorithm, _colon, value = fact.digest.partition(":")
    if algorithm not in _HEX_DIGITS:
        return {"digest": "null"}
    return {"digest": "malformed"} if len(value) < _HEX_DIGITS[algorithm] else _NOTHING


_TOLD: Final[Mapping[tuple[str, str, str], str]] = {
    ("lineage", "digest", "null"): "the tool's own name for a version is no digest of the bytes"
}
"""What is said of a field of a type that cannot be used, where its reason alone says too little."""
_NOTHING: Final[Mapping[str, str]] = {}
_ODDITIES: Final[Mapping[str, Callable[[Any], Mapping[str, str]]]] = {
    "metric": _odd_metric,
    "data_check": _odd_check,
    "attack": _odd_attack,
    "drift": _odd_drift,
    "documentation": _odd_topic,
    "lineage": _odd_edge,
}
"""What is odd about a fact of each type: its fields that cannot be used, with the reason."""


def _hides(share: float | None, part: int | None, whole: int | None) -> bool:
    """Tell whether a share is less than the counts beside it say, by more than rounding.

    More parts than the whole has make any share nonsense.
    """
    if not whole or part is None:
        return False
    return part > whole or (share is not None and share + _ROUNDING < part / whole)


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
    the fail, and beside a known pass leaves it open.
    """
    readings = sorted(readings, key=lambda one: (one.pointer.evidence, one.pointer.pointer))
    usable = _last_held(facts, [one for one in readings if not one.doubted])
    broken = [one for one in readings if one.doubted]
    pinned = dict(zip(columns, key, strict=True))
    if usable:
        yield Member(_row(facts, label, pinned, usable), doubt)
    for one in broken:
        row = _row(facts, label, pinned, [one])
        code = min(one.doubted.values())
        yield Member(row, unknown(code, label) if usable else doubt)


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
        doubted = next((o.doubted[name] for o in readings if name in o.doubted), None)
        if name in pinned and pinned[name] is not None:
            values[name] = pinned[name]
        elif doubted is not None:
            values[name] = unknown(
                doubted, f"{label}.{name}", _TOLD.get((facts, name, doubted), "")
            )
        else:
            values[name] = _settled(name, [one.columns.get(name) for one in readings])
    if facts == "metric":
        values["measured_on"] = _data_of(values)
    pointers = tuple(dict.fromkeys(one.pointer for one in readings))
    return Row(facts, label, values, pointers)


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
