"""Random statements of persons for the two judges: which controls apply, and what is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

from support.second_facts import DAY, NOW, SECOND

RMF: Final = "nist-ai-rmf-1.0"
ACT: Final = "eu-ai-act"
CITED: Final[Mapping[str, Sequence[str]]] = {
    RMF: ("MEASURE 2.3", "MEASURE 2.11", "MEASURE 2.7", "MANAGE 1.1"),
    ACT: ("Art. 14(4)", "Art. 14(4)(a)", "Art. 14(1)", "Art. 4"),
}
_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    RMF: ("MEASURE", "MEASURE 2", "MANAGE", "MANAGE 1"),
    ACT: ("Art. 14",),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What persons said beside policies: which controls apply, and what is accepted."""

    scope: Mapping[str, Any] = field(default_factory=dict[str, Any])
    waivers: Sequence[Mapping[str, Any]] = ()
    retired: Sequence[Mapping[str, Any]] = ()
    baseline: Mapping[str, Any] | None = None


def some_controls(dice: Random) -> dict[str, dict[str, str]]:
    """Return the controls that a policy speaks for, each with how."""
    catalogs = dice.choice([[RMF], [RMF], [ACT], [RMF, ACT]])
    return {
        name: {
            one: dice.choice(["implements", "supports"])
            for one in dice.sample(CITED[name], dice.randint(1, 3))
        }
        for name in catalogs
    }


def a_scope(dice: Random, policies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a statement of applicability, often of what some policies speak for; {} is none."""
    some = dice.choice([None, [], [RMF], [ACT], [RMF, ACT], [ACT, RMF], [RMF], [ACT]])
    if some is None:
        return {}
    left = dice.sample(policies, dice.choice([0, 0, 0, 1]))
    return {
        "scope": "drawn",
        "frameworks": {name: _framework(dice, name, policies) for name in some},
        "left_out": [{"policy": one["policy"], "reason": "It runs no code."} for one in left],
    }


def _framework(dice: Random, name: str, policies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cited = sorted({one for policy in policies for one in policy["controls"].get(name, ())})
    named = dice.choice([cited, dice.sample(CITED[name], dice.randint(0, 4))])
    named = [*named, *dice.sample(_HEADINGS[name], dice.choice([0, 0, 1]))]
    framework: dict[str, Any] = {
        "applies": dice.choice(["all", "none", "none", "none", "none"]),
        "reason": "The rest is judged elsewhere.",
        "controls": [_entry(dice, one) for one in named],
    }
    listed = [*dice.sample(CITED[name], dice.randint(1, 3)), _HEADINGS[name][0]]
    gaps = dice.sample([*CITED[name], *_HEADINGS[name]], dice.choice([0, 1, 2, 3]))
    framework["gaps"] = [
        {
            "control": one,
            "at_most": dice.choice(["2d", "20d", "60d"]),
            "reason": "It takes so long.",
        }
        for one in gaps
    ]
    accepted = dice.choice([None, "all", listed])
    return framework if accepted is None else {**framework, "accept_supported": accepted}


def _entry(dice: Random, control: str) -> dict[str, Any]:
    if dice.random() < 0.85:
        return {"control": control, "applies": True}
    return {"control": control, "applies": False, "reason": "It binds somebody else."}


def some_retired(dice: Random, documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return sources that somebody retired, about when one of their documents came."""
    return [_retired(dice, one) for one in documents if dice.random() < 0.15]


def _retired(dice: Random, document: Mapping[str, Any]) -> dict[str, Any]:
    at = document["received_at"] + dice.choice([timedelta(), -SECOND, SECOND, DAY])
    source = {"format": document["format"], "tool": document["tool"], **document["scope"]}
    if dice.random() < 0.2:  # another one
        source["tool"] = "c"
    return {**source, "at": at, "person": "ann", "reason": "It was switched off."}


def a_waiver(
    dice: Random, failed: tuple[str, str], rows: Sequence[str], others: Sequence[str]
) -> dict[str, Any]:
    """Return a waiver of a rule that failed, with the keys of its failing rows.

    ``others`` are rules that may have to pass meanwhile.
    """
    some = sorted(dice.sample(rows, dice.randint(1, len(rows)))) if rows else []
    named = tuple(some) if some and dice.random() < 0.6 else ()
    edges = (-SECOND, timedelta(), SECOND)
    approval = {
        "person": dice.choice([*["mara"] * 8, "ann"]),
        "at": NOW - dice.choice([DAY, DAY, *edges]),
        "verified": dice.random() < 0.9,
    }
    return {
        "policy": failed[0],
        "rule": failed[1],
        "policy_version": dice.choice([None, None, 1, 2]),
        "system": dice.choice([*["s"] * 8, "t"]),
        "releases": dice.choice([(), (), ("1",), ("2",)]),
        "rows": named,
        "whole": not named,
        "requester": "ann",
        "approval": dice.choice([*[approval] * 6, None]),
        "starts": dice.choice([None, None, *(NOW + one for one in edges)]),
        "expires": NOW + dice.choice([DAY, 40 * DAY, *edges]),
        "revoked_at": dice.choice([*[None] * 5, *(NOW + one for one in edges)]),
        "compensating": dice.choice([*[None] * 3, dice.choice([*others, "t.nobody/r0"])]),
    }


def a_baseline(dice: Random) -> dict[str, Any]:
    """Return who asked for a baseline, who signed it, and how long it holds; mostly it does."""
    edges = [timedelta(), -SECOND, SECOND]
    approval = {
        "person": dice.choice([*["mara"] * 9, "ann"]),
        "at": NOW - dice.choice([DAY, DAY, DAY, *edges]),
        "verified": dice.random() < 0.95,
    }
    return {
        "id": "B-1",
        "system": dice.choice([*["s"] * 9, "t"]),
        "reason": "It was there before.",
        "requester": "ann",
        "written_at": NOW - dice.choice([DAY, DAY, DAY, *edges]),
        "expires": NOW + dice.choice([DAY, DAY, DAY, *edges]),
        "approval": dice.choice([*[approval] * 12, None]),
        "revoked_at": dice.choice([*[None] * 12, *(NOW + one for one in edges)]),
    }
