"""Facts to rows for the second judge: what is one row, what cannot be used, what is in dispute."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from support.second_values import Disputed, Unsure, because, unsure

Json = Mapping[str, Any]
Key = tuple[Any, ...]

SCOPE: Final = ("dataset", "split", "path")
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "metric": ("name", "slice", "dataset", "split", "dimension"),
    "drift": ("column", "method", "statistic"),
    "data_check": ("check", "column"),
    "pii": ("entity", "column", "location"),
    "security": ("fingerprint",),
    "attack": ("name", "detector"),
    "documentation": ("document", "topic"),
    "operation": ("kind", "target"),
    "lineage": ("source", "target", "relation"),
    "review": ("reference",),
}
ASKED_BY: Final[Mapping[str, str]] = {
    "metric": "kind",
    "data_check": "family",
    "pii": "entity",
    "security": "class",
    "attack": "family",
    "documentation": "document",
    "operation": "kind",
    "review": "kind",
}
"""The column whose value follows the slash of a coverage question."""
_COUNTED: Final = {
    "data_check": ("failed_share", "failed", "examined"),
    "attack": ("rate", "successes", "attempts"),
}
_ROUNDING: Final = 0.005
_DIGITS: Final = 2


def question_of(fact: Json) -> str:
    """Return what a fact answers."""
    word = fact.get(ASKED_BY.get(fact["type"], ""))
    return fact["type"] if word is None else f"{fact['type']}/{word}"


def instant_of(document: Json) -> datetime | None:
    """Return when a document was produced: claimed or observed, never after it was received."""
    said: datetime | None = document["produced_at"] or document["observed_at"]
    return None if said is None else min(said, document["received_at"])


def columns_of(kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*KEYS[kind], *SCOPE)))


def reading_of(document: Json, fact: Json) -> dict[str, Any]:
    """Return the columns of a fact; what cannot be used of them is an unknown with its reason."""
    row = {name: value for name, value in fact.items() if name not in {"type", "unknown"}}
    for name in SCOPE:
        if row.get(name) is None:
            row[name] = document["scope"].get(name)
    _doubt(fact, row)
    row |= {name: because(code) for name, code in fact.get("unknown", {}).items()}
    return {**row, "@received": document["received_at"]}


def _doubt(fact: Json, row: dict[str, Any]) -> None:
    """Doubt what one fact says against itself, and work out a share that its counts make."""
    kind = fact["type"]
    name, find = _ODD.get(kind, ("", None))
    odd = find(row) if find is not None and row[name] is not None else None
    if odd:
        row[name] = because(odd)
    if kind == "review" and row["role"] is not None and not row["role"].strip():
        row["role"] = because("malformed")
    if kind not in _COUNTED:
        return
    share, part, whole = (row[name] for name in _COUNTED[kind])
    name, known = _COUNTED[kind][0], bool(whole) and part is not None
    more = known and (part > whole or (share is not None and share + _ROUNDING < part / whole))
    if more or (share == 0 and row.get("status") == "fail"):
        row[name] = because("malformed")
    elif known and share is None:
        row[name] = part / whole


def _odd_metric(row: Json) -> str | None:
    value, low, high = row["value"], row["ci_low"], row["ci_high"]
    if 0 in {row["n"], row["n_rows"]}:
        return "too_few"
    if not 0 <= value <= 1:  # of all metrics that are drawn
        return "unit"
    aside = (low is not None and value < low) or (high is not None and value > high)
    more = row["n"] is not None and row["n_rows"] is not None and row["n"] > row["n_rows"]
    return "malformed" if aside or more else None


def _odd_drift(row: Json) -> str | None:
    statistic, method = row["statistic"], row["method"] or ""
    over = statistic in {"p_value", "share"} and row["value"] > 1
    other = method == "psi" if statistic == "p_value" else "p_value" in method
    return "unit" if statistic is None or over or other else None


def _odd_digest(row: Json) -> str | None:
    algorithm, _colon, digits = row["digest"].partition(":")
    if algorithm != "sha256":
        return "null"
    return None if len(digits) == _DIGEST else "malformed"


def _odd_topic(row: Json) -> str | None:
    return "malformed" if row["present"] and row["text"] in {"", " "} else None


_ODD: Final[Mapping[str, tuple[str, Callable[[Json], str | None]]]] = {
    "metric": ("value", _odd_metric),
    "drift": ("value", _odd_drift),
    "lineage": ("digest", _odd_digest),
    "documentation": ("present", _odd_topic),
    "review": (
        "decision",
        lambda row: "malformed" if row["decision"] in {"pending", "n/a"} else None,
    ),
}
"""Of each kind of fact the column that may be of no use, and how the rest of it tells."""
_DIGEST: Final = 64


def broken(reading: Json) -> frozenset[str]:
    """Return why a reading cannot be used, if it cannot."""
    return unsure(*reading.values()).why


def merged(kind: str, readings: Iterable[Json]) -> list[tuple[dict[str, Any], bool | Unsure]]:
    """Return one row for each key, and a possible one for each reading that cannot be used.

    A reading that leaves a key column open is counted with the rows that it may be.
    """
    names = columns_of(kind)
    exact: dict[Key, list[Json]] = {}
    for reading in readings:
        exact.setdefault(tuple(reading.get(name) for name in names), []).append(reading)
    found: list[tuple[dict[str, Any], bool | Unsure]] = []
    for key in sorted(exact, key=repr):
        kin = [other for other in exact if _may_be(key, other)]
        if any(other != key and _is_under(key, other) for other in kin):
            continue
        own = {name: value for name, value in zip(names, key, strict=True) if value is not None}
        text = ", ".join(f"{name}={value}" for name, value in own.items() if value != "")
        lent = [reading for other in kin for reading in exact[other]]
        usable = _last_held(kind, [one for one in lent if not broken(one)])
        doubtful = sorted((one for one in lent if broken(one)), key=_doubts)
        sure, *rest = (
            [usable, *([one] for one in doubtful)] if usable else [[one] for one in doubtful]
        )
        found.append(({**_settled(sure), **own, "@key": text}, True))
        found += [({**_settled(one), **own, "@key": text}, Unsure(broken(one[0]))) for one in rest]
    return found


def _may_be(one: Key, other: Key) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _is_under(one: Key, other: Key) -> bool:
    """Tell whether the other key knows all that this one does, and more."""
    return all(a is None or a == b for a, b in zip(one, other, strict=True))


def _doubts(reading: Json) -> int:
    return sum(isinstance(value, Unsure) for value in reading.values())


def _last_held(kind: str, readings: Sequence[Json]) -> Sequence[Json]:
    """Return of several drills of one thing the last that was held when it was told."""
    held = [
        one["tested_at"]
        for one in readings
        if kind == "operation" and one["tested_at"] and one["tested_at"] <= one["@received"]
    ]
    if not held:
        return readings
    return [one for one in readings if one["tested_at"] in {None, max(held)}]


def _settled(readings: Sequence[Json]) -> dict[str, Any]:
    names = dict.fromkeys(name for one in readings for name in one if name[0] != "@")
    row = {name: _value([one.get(name) for one in readings]) for name in names}
    for name, part, whole in _COUNTED.values():
        if name in row:
            row[name] = _beside_counts(row[name], readings, part, whole)
    return row


def _beside_counts(share: Any, readings: Sequence[Json], part: str, whole: str) -> Any:
    """Dispute a share that is less than a count says which another document gives by itself."""
    told = share.values if isinstance(share, Disputed) else (share,)
    alone = [one[part] for one in readings if one[whole] is None and one[part] is not None]
    wholes = [one[whole] for one in readings if one[whole]]
    known = [one for one in told if isinstance(one, float)]
    if not (alone and wholes and known):
        return share
    least = min(1.0, max(alone) / min(wholes))
    return Disputed((*known, least)) if least > max(known) + _ROUNDING else share


def _value(found: Sequence[Any]) -> Any:
    """Return one value, the most exact of those that agree, or all that are in dispute."""
    distinct: list[Any] = []
    for value in sorted((one for one in found if one is not None), key=lambda one: -_digits(one)):
        if not any(_agree(value, other) for other in distinct):
            distinct.append(value)
    if len(distinct) > 1:
        return Disputed(tuple(distinct))
    return distinct[0] if distinct else None


def _digits(value: Any) -> int:
    if not isinstance(value, float) or value.is_integer():
        return 0
    return len(repr(value).partition(".")[2])


def _agree(one: Any, other: Any) -> bool:
    """Tell whether two numbers are one at the fewer digits, of which there are two at least."""
    if one == other:
        return isinstance(one, bool) == isinstance(other, bool)
    if not all(isinstance(value, (int, float)) for value in (one, other)):
        return False
    digits = min(_digits(one), _digits(other))
    return digits >= _DIGITS and round(one, digits) == round(other, digits)
