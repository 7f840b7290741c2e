"""One case from end to end by the second judge: findings, what is accepted, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.second_baselines import Fails, holds, is_no_worse
from support.second_decisions import Stand, is_in_force, weighed
from support.second_params import in_force
from support.second_rows import Json
from support.second_rules import Came, Taken, failing, judged
from support.second_scopes import cited, is_left_out
from support.second_situations import Situation
from support.second_values import Unsure

Rule = tuple[str, str]
"""A policy and one of its rules."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides: what is asked, what was submitted, and what persons said."""

    policies: Sequence[Json]
    situation: Situation
    overlays: Sequence[Json]
    scope: Json
    waivers: Sequence[Json] = ()
    retired: Sequence[Json] = ()
    baseline: Json | None = None
    """What ``known_fails`` returned stands under ``fails``."""


def findings(case: Case) -> dict[Rule, Came]:
    """Return what every rule of every policy comes to."""
    return {
        (policy["policy"], rule): came
        for policy in case.policies
        for rule, came in _judged(case, policy, {}).items()
    }


def _judged(case: Case, policy: Json, taken: Mapping[str, Taken]) -> dict[str, Came]:
    if is_left_out(policy, case.scope):
        return {rule["id"]: ("not_applicable", frozenset()) for rule in policy["rules"]}
    subject, _documents, as_of = case.situation
    return judged(policy, _told(case), subject, as_of, taken=taken, overlays=case.overlays)


def _told(case: Case) -> list[Json]:
    """Return the documents, each with whether somebody retired its source after it came.

    What persons signed comes from no source: an answer stands until they take it back.
    """
    retired = [one for one in case.retired if one["at"] <= case.situation.as_of]
    return [
        {
            **one,
            "retired": any(
                _is_from(one, each) and one["received_at"] <= each["at"] for each in retired
            ),
        }
        for one in case.situation.documents
    ]


def _is_from(document: Json, source: Json) -> bool:
    named = {"format": document["format"], "tool": document["tool"], **document["scope"]}
    return all(value == source[name] for name, value in named.items())


def stands(case: Case, found: Mapping[Rule, Came]) -> dict[Rule, Stand]:
    """Return every finding as it stands, with what waivers take out of it."""
    policies = {one["policy"]: one for one in case.policies}
    return {rule: _stand(case, policies[rule[0]], rule, found) for rule in found}


def _stand(case: Case, policy: Json, rule: Rule, found: Mapping[Rule, Came]) -> Stand:
    outcome = found[rule][0]
    mine = [
        one
        for one in case.waivers
        if (one["policy"], one["rule"], one["system"]) == (*rule, "s")
        and (not one["releases"] or "1" in one["releases"])
        and is_in_force(one, case.situation.as_of, policy["version"])
        and _is_compensated(one, found)
    ]

    def without(rows: Taken) -> str:
        return _judged(case, policy, {rule[1]: rows})[rule[1]][0]

    accepted, rest = weighed(outcome, mine, without)
    if case.baseline and outcome == "fail" and not found[rule][1] and not accepted:
        keys = _in_baseline(case, policy, rule)
        waived = frozenset(row for one in mine for row in one["rows"])
        if keys:
            rest = without(None if "" in keys else keys | waived)
            accepted = rest == "pass"
    return Stand(outcome, policy["severity"], cited(policy), accepted, rest)


def _is_compensated(waiver: Json, found: Mapping[Rule, Came]) -> bool:
    """Tell whether what must pass meanwhile does; what nobody judged does not."""
    if waiver["compensating"] is None:
        return True
    policy, _slash, rule = waiver["compensating"].partition("/")
    return found.get((policy, rule), ("",))[0] == "pass"


Known = Mapping[Rule, tuple[Any, Fails]]
"""Rules that fail, each with what was asked, and by what its rows fail."""


def known_fails(case: Case, found: Mapping[Rule, Came]) -> Known:
    """Return the fails that a baseline names: known ones, of which no row hides another."""
    known = {
        (policy["policy"], rule): (_asked(case, policy), fails)
        for policy in case.policies
        for rule, fails in _failing(case, policy).items()
    }
    return {
        rule: (asked, fails)
        for rule, (asked, fails) in known.items()
        if fails and found[rule][0] == "fail" and not found[rule][1]
    }


def _failing(case: Case, policy: Json) -> dict[str, Fails]:
    subject, _documents, as_of = case.situation
    return failing(policy, _told(case), subject, as_of, case.overlays)


def _asked(case: Case, policy: Json) -> Any:
    """Return what was asked: another version, or other params in force, ask otherwise."""
    subject, _documents, as_of = case.situation
    params = in_force(policy, case.overlays, subject["system"], as_of)
    known = {name: None if isinstance(one, Unsure) else one for name, one in params.items()}
    return policy["version"], known


def _in_baseline(case: Case, policy: Json, rule: Rule) -> frozenset[str]:
    """Return the keys of the failing rows that a baseline accepts; waivers are heard first."""
    assert case.baseline is not None
    asked, named = case.baseline["fails"].get(rule, (None, {}))
    if asked != _asked(case, policy) or not holds(case.baseline, case.situation.as_of):
        return frozenset()
    now = _failing(case, policy)[rule[1]]
    return frozenset(key for key, by in now.items() if key in named and is_no_worse(named[key], by))
