"""Build policies, catalogs and whole assessments in a few words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assaybook.domain.canonical import digest_of
from assaybook.domain.control import Catalog, Control, TextPolicy
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Assessment, ControlReach, Disposition, Finding, Outcome
from assaybook.domain.policy import (
    Attested,
    Bundle,
    ControlLink,
    Need,
    Param,
    Policy,
    Relation,
    Rule,
    Scope,
    Severity,
)
from assaybook.domain.waiver import Approval, Waiver
from assaybook.evaluation.assess import Inputs, assess
from assaybook.language.parser import parse
from support.evidence import AS_OF, a_subject, days
from support.rules import a_need, a_rule

HOUSE = "house"


def a_control(control_id: str, parent: str | None = None, *, judgeable: bool = True) -> Control:
    """Return one node of a catalog."""
    return Control(
        id=control_id,
        slug=control_id.lower(),
        kind="control",
        title=control_id,
        parent=parent,
        judgeable=judgeable,
    )


def a_catalog(*controls: Control, catalog_id: str = HOUSE) -> Catalog:
    """Return a catalog; without controls, clause A with rules A1 and A2 under it."""
    usual = (a_control("A", judgeable=False), a_control("A1", "A"), a_control("A2", "A"))
    return Catalog(
        id=catalog_id,
        title="House rules",
        version="1",
        publisher="The house",
        source="https://example.org/rules",
        licence="none needed",
        text_policy=TextPolicy.TITLES,
        retrieved="2026-01-31",
        verification="written here",
        controls=controls or usual,
    )


def links(*controls: str, relation: Relation = "implements") -> tuple[ControlLink, ...]:
    """Return links to controls of the house catalog."""
    return tuple(ControlLink(HOUSE, control, relation) for control in controls)


RECALL = a_need(name="recall", where='row.name == "recall" && row.split == "holdout"')
FLOOR = a_rule(
    id="floor", for_each="recall", pass_when="row.value >= 0.8", needs=("recall",), fix="Retrain."
)


def a_policy(
    *rules: Rule,
    needs: Sequence[Need] = (RECALL,),
    params: Mapping[str, Param] | None = None,
    applies: str | None = None,
    **fields: Any,
) -> Policy:
    """Return policy ``house.recall``; without rules, that every recall is at least 0.8."""
    known: dict[str, Any] = {
        "id": "house.recall",
        "version": 1,
        "title": "Recall holds",
        "why": "It must.",
        "severity": Severity.HIGH,
        "controls": links("A1"),
    }
    return Policy(
        **{**known, **fields},
        applies_when=None if applies is None else parse(applies),
        params=params or {},
        needs={need.name: need for need in needs},
        rules=rules or (FLOOR,),
    )


def approval_rule(people: int = 2, role: str = "approver", valid_for: str = "2160h") -> Rule:
    """Return a rule that asks persons; their yes holds for 90 days."""
    asked = Attested("Do you agree?", role, people, parse(f'duration("{valid_for}")'))
    return Rule(id="asked", pass_when=None, attested=asked)


def _sentence(rule: Rule, _needs: Mapping[str, Need], _params: Mapping[str, Param]) -> str:
    return f"It holds that {rule.id}."


def inputs(*documents: Evidence, policies: Sequence[Policy] = (), **changes: Any) -> Inputs:
    """Return what an assessment of release 1 depends on."""
    chosen = tuple(policies) or (a_policy(),)
    catalogs = changes.pop("catalogs", (a_catalog(),))
    bundle: dict[str, Any] = {
        "overlays": changes.pop("overlays", ()),
        "scope": changes.pop("scope", Scope()),
        "catalogs": {},
        "digest": digest_of(repr([one.id for one in chosen]).encode()),
    }
    known: dict[str, Any] = {
        "subject": a_subject(),
        "as_of": AS_OF,
        "sentence": _sentence,
        "engine": "assaybook test",
    }
    return Inputs(
        bundle=Bundle(policies=chosen, **bundle),
        evidence=documents,
        catalogs=catalogs,
        **{**known, **changes},
    )


def assessed(*documents: Evidence, **changes: Any) -> Assessment:
    """Return the assessment of documents about release 1."""
    return assess(inputs(*documents, **changes))


def the_finding(found: Assessment) -> Finding:
    """Return the only finding of an assessment."""
    (only,) = found.findings
    return only


def a_waiver(**changes: Any) -> Waiver:
    """Return a waiver of the floor, approved yesterday by another person, for ten days."""
    known: dict[str, Any] = {
        "id": "W-1",
        "policy": "house.recall",
        "rule": "floor",
        "system": "s",
        "whole": not changes.get("rows"),
        "reason": "It is being mended.",
        "requester": "ada",
        "approval": Approval(person="mara", at=AS_OF - days(1), verified=True),
        "expires": AS_OF + days(10),
    }
    return Waiver(**{**known, **changes})


def a_finding(  # noqa: PLR0913 - each is what some test is about
    outcome: str = "pass",
    *reach: tuple[str, Relation],
    policy: str = "house.p",
    rule: str = "r",
    severity: Severity = Severity.HIGH,
    rest: Outcome | None = None,
    disposition: Disposition = Disposition.OPEN,
) -> Finding:
    """Return a finding for controls of the house catalog; without any, for A1."""
    mapped = reach or (("A1", "implements"),)
    return Finding(
        policy=policy,
        policy_version=1,
        rule=rule,
        title="t",
        sentence="s",
        system="s",
        release="1",
        outcome=Outcome(outcome),
        severity=severity,
        rest=rest,
        disposition=disposition,
        controls=tuple(
            ControlReach(catalog=HOUSE, control=control, relation=relation)
            for control, relation in mapped
        ),
    )


def at(number: float) -> datetime:
    """Return so many days after ``AS_OF``; negative ones are before it."""
    return AS_OF + days(number)
