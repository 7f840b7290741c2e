"""One case from end to end by the second judge: findings, what is accepted, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.second_decisions import Stand, is_in_force, weighed
from support.second_rows import Json
from support.second_rules import Came, Taken, judged
from support.second_scopes import cited, is_left_out
from support.second_situations import Situation

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
    return Stand(outcome, policy["severity"], cited(policy), accepted, rest)


def _is_compensated(waiver: Json, found: Mapping[Rule, Came]) -> bool:
    """Tell whether what must pass meanwhile does; what nobody judged does not."""
    if waiver["compensating"] is None:
        return True
    policy, _slash, rule = waiver["compensating"].partition("/")
    return found.get((policy, rule), ("",))[0] == "pass"
