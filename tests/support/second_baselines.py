"""Which fails a baseline names and accepts: the second judge's reading of record 0023."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from support.second_expressions import Names, worked_out_node
from support.second_rows import Json
from support.second_text import read
from support.second_values import rows_of, truth

Failed = Sequence[tuple[str, "float | None"]]
"""The clauses that failed, each with its distance from the limit where it compares two numbers."""
Fails = Mapping[str, Sequence[Failed]]
"""The failing rows of a rule by their keys, of a series one for each run; a rule without rows
stands under the empty key.
"""
_SIDES: Final = ("<", "<=", ">", ">=")
_ROUNDING: Final = 1e-9


class _WhicheverRowError(Exception):
    """One row of a list decides, and nobody says which others would."""


def fails_by(condition: str, names: Names) -> Failed | None:
    """Return the clauses by which a condition is false, None where whichever row makes it so."""
    try:
        return list(_decided(read(condition), names, held=False))
    except _WhicheverRowError:
        return None


def _decided(node: Any, names: Names, *, held: bool) -> Iterator[tuple[str, float | None]]:
    """Yield the clauses that make a condition what it is; of those that each would, the first."""
    kind, word = node[0], node[1]
    if kind == "not":
        yield from _decided(word, names, held=not held)
    elif kind == "if":
        test = truth(worked_out_node(word, names)) is True
        yield from _decided(node[2] if test else node[3], names, held=held)
    elif kind == "binary" and word in {"&&", "||"}:
        parts = node[2:]
        if held is (word == "||"):
            parts = [one for one in parts if truth(worked_out_node(one, names)) is held][:1]
        for one in parts:
            yield from _decided(one, names, held=held)
    elif kind == "method" and word in {"all", "exists"}:
        if held is (word == "exists"):
            raise _WhicheverRowError
        variable, body = node[3][0][1], node[3][-1]
        for one, _sure in rows_of(worked_out_node(node[2], names)).members:
            yield from _decided(body, names.binding(variable, one), held=held)
    else:
        yield repr(node), _distance(node, names)


def _distance(node: Any, names: Names) -> float | None:
    if node[0] != "binary" or node[1] not in _SIDES:
        return None
    sides = [worked_out_node(one, names) for one in node[2:]]
    known = [one for one in sides if isinstance(one, (int, float)) and not isinstance(one, bool)]
    return abs(known[0] - known[1]) if len(known) == len(sides) else None


def distance_of(rows: Sequence[Failed]) -> float | None:
    """Return how far the one comparison that failed was from its limit, at the most."""
    known = [[one for _clause, one in failed if one is not None] for failed in rows]
    return max(one[0] for one in known) if all(len(one) == 1 for one in known) else None


def is_no_worse(was: Sequence[Failed], now: Sequence[Failed]) -> bool:
    """Tell whether a fail is one that was accepted: by no other clause, and by no more."""
    before, after = distance_of(was), distance_of(now)
    clauses = {clause for failed in was for clause, _far in failed}
    if any(clause not in clauses for failed in now for clause, _far in failed):
        return False
    return before is None or (after is not None and after <= before * (1 + _ROUNDING))


def holds(baseline: Json, as_of: datetime) -> bool:
    """Tell whether a baseline is in force: signed by another, begun, not over, not taken back."""
    approval = baseline["approval"]
    if approval is None or not approval["verified"] or approval["person"] == baseline["requester"]:
        return False
    ends = min(baseline["expires"], baseline["revoked_at"] or baseline["expires"])
    return bool(max(baseline["written_at"], approval["at"]) <= as_of < ends)
