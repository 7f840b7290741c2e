"""What rules come to, and what of it is accepted: the second judge's reading of the documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from support.second_baselines import Failed, Fails, fails_by
from support.second_evidence import bind
from support.second_expressions import Names, worked_out
from support.second_params import in_force
from support.second_rows import Json
from support.second_values import (
    Nobody,
    Rows,
    Unsure,
    because,
    both,
    column,
    either,
    length_of,
    no,
    truth,
    unsure,
)

Came = tuple[str, frozenset[str]]
"""An outcome with the codes of its reasons."""
Taken = frozenset[str] | None
"""Keys of failing rows that are taken out; None is every one, or the rule as a whole."""
_NOTHING: Final[Mapping[str, Taken]] = {}


def judged(  # noqa: PLR0913 - each is an input that decides
    policy: Json,
    documents: Sequence[Json],
    subject: Json,
    as_of: datetime,
    *,
    taken: Mapping[str, Taken] = _NOTHING,
    overlays: Sequence[Json] = (),
) -> dict[str, Came]:
    """Return what every rule of a policy comes to; of some without the rows that are taken out."""
    seen, applies = _seen_by(policy, documents, subject, as_of, overlays)
    if applies is not True:
        return {rule["id"]: _outcome(applies or None, "inconclusive") for rule in policy["rules"]}
    return {
        rule["id"]: _outcome(
            heard(policy["policy"], rule, documents, seen, out)
            if "attested" in rule
            else _held(rule, seen, out),
            rule.get("on_unknown", "inconclusive"),
        )
        for rule in policy["rules"]
        for out in [taken.get(rule["id"], frozenset())]
    }


def _seen_by(
    policy: Json,
    documents: Sequence[Json],
    subject: Json,
    as_of: datetime,
    overlays: Sequence[Json],
) -> tuple[Names, bool | Unsure]:
    """Return what the rules of a policy see, and whether it applies at all."""
    params = in_force(policy, overlays, subject["system"], as_of)
    values = {"system": subject["system"], "release": subject["release"], "params": params}
    names = Names(values, as_of)
    applies = truth(worked_out(policy.get("applies_when", "true"), names))
    if applies is not True:
        return names, applies
    needs = {name: bind(one, documents, subject, names) for name, one in policy["needs"].items()}
    return Names({**values, **needs}, as_of), True


def failing(
    policy: Json,
    documents: Sequence[Json],
    subject: Json,
    as_of: datetime,
    overlays: Sequence[Json],
) -> dict[str, Fails]:
    """Return by what every rule that asks no person fails, row by row."""
    seen, applies = _seen_by(policy, documents, subject, as_of, overlays)
    if applies is not True:
        return {}
    return {
        rule["id"]: _failing(rule, Names(seen.values, as_of, rule.get("let", {})))
        for rule in policy["rules"]
        if "attested" not in rule
    }


def _failing(rule: Json, names: Names) -> Fails:
    rows = worked_out(rule["for_each"], names) if "for_each" in rule else Rows((({}, True),))
    found: dict[str, list[Failed]] = {}
    for row, member in () if isinstance(rows, Unsure) else rows.members:
        bound = names.binding("row", row)
        meant = both(member, worked_out(rule.get("where", "true"), bound))
        failed = either(no(meant), _enough(rule, bound)) is False
        by = fails_by(rule["pass_when"], bound) if failed else None
        if by is not None or (failed and "for_each" in rule):
            found.setdefault(row.get("@key", ""), []).append(by or [])
    return found


def _outcome(held: Any, on_unknown: str) -> Came:
    if held is None:
        return "not_applicable", frozenset()
    if not isinstance(held, Unsure):
        return ("pass" if held else "fail"), frozenset()
    if any(code.startswith("error:") for code in held.why):
        return "error", held.why
    return on_unknown, held.why


def _held(rule: Json, names: Names, taken: Taken) -> bool | Unsure:
    names = Names(names.values, names.as_of, rule.get("let", {}))
    if "for_each" in rule:
        return _over_rows(rule, names, taken)
    return True if taken is None else _enough(rule, names)


def _enough(rule: Json, names: Names) -> bool | Unsure:
    """Not enough is no fail: nobody knows."""
    enough = truth(worked_out(rule.get("enough", "true"), names))
    if enough is False:
        return because("too_few")
    return enough if isinstance(enough, Unsure) else truth(worked_out(rule["pass_when"], names))


def _over_rows(rule: Json, names: Names, taken: Taken) -> bool | Unsure:
    rows = worked_out(rule["for_each"], names)
    if isinstance(rows, Unsure):
        return rows
    assert isinstance(rows, Rows)
    where = rule.get("where", "true")
    found: list[bool | Unsure] = []
    sure = 0
    ghost = [(Nobody(rows.open), Unsure(rows.open))] if rows.open else []
    for row, member in (*rows.members, *ghost):
        bound = names.binding("row", row)
        meant = both(member, worked_out(where, bound))
        if meant is not False:
            held = either(no(meant), _enough(rule, bound))
            out = held is False and (taken is None or row["@key"] in taken)
            found.append(True if out else held)
            sure += meant is True
    held, least = both(*found), rule.get("at_least", 1)
    least = worked_out(least, names) if isinstance(least, str) else least
    if held is False:
        return False
    if isinstance(least, Unsure):
        return unsure(*found, least)
    nothing = rows.proven and not rows.members
    if sure >= (least if nothing else max(least, 1)):
        return held
    why = unsure(*found, Unsure(rows.open))
    return unsure(why, because("too_few" if sure else "empty")) if sure or not why.why else why


def heard(
    policy: str, rule: Json, documents: Sequence[Json], names: Names, taken: Taken
) -> bool | Unsure:
    """Tell whether enough persons agree: of each the last word counts, and a no stands.

    A no that is taken out is nobody's yes.
    """
    asked, release = rule["attested"], names.values["release"]
    said: dict[str, list[Json]] = {}
    for document in documents:
        if document["received_at"] > names.as_of or document["release"] != release["version"]:
            continue
        for fact in document["facts"]:
            about = (fact["policy"], fact["rule"], fact["role"]) == (
                policy,
                rule["id"],
                asked["role"],
            )
            if (
                about
                and fact["signed_at"] <= names.as_of
                and fact["person"] != release.get("requested_by")
            ):
                said.setdefault(fact["person"], []).append(fact)
    limit = asked["valid_for"]
    limit = column(names.values["params"], limit[7:]) if limit[0] == "p" else length_of(limit)
    every = {f"person={one}": _last_word(said[one], limit, names.as_of) for one in said}
    words = [
        word
        for key, word in every.items()
        if word is not False or (taken is not None and key not in taken)
    ]
    if False in words or not words:
        return False if words else because("too_few")
    torn = [one for one in words if isinstance(one, Unsure) and "stale" not in one.why]
    if torn or words.count(True) < asked.get("people", 1):
        enough = words.count(True) + len(torn) >= asked.get("people", 1)
        return unsure(*words) if torn and enough else unsure(*words, because("too_few"))
    return True


def _last_word(facts: Sequence[Json], limit: Any, as_of: datetime) -> bool | Unsure:
    at = max(one["signed_at"] for one in facts)
    last = [one for one in facts if one["signed_at"] == at]
    if len({one["answer"] for one in last}) > 1:
        return because("conflict")
    if last[0]["answer"] == "no":
        return False
    if isinstance(limit, Unsure):
        return limit
    ends = [one["valid_until"] for one in last if one["valid_until"]]
    over = as_of - at >= limit or any(as_of >= one for one in ends)
    return because("stale") if over else True
