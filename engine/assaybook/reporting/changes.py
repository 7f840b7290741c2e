"""What differs between two assessments, and which input made the difference.

The causes are the inputs of an assessment: evidence, policy, subject, waivers, the engine, and
time where nothing else moved. Where several moved, the first of them in this order is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.finding import (
    Assessment,
    ControlStanding,
    Finding,
    Outcome,
    Standing,
    named_in,
)

CAUSES: Final = {
    "policy": "a rule, a limit or the scope changed",
    "evidence": "a document is new, replaced or gone",
    "subject": "the record of the system changed",
    "waiver": "a person accepted a risk, or no longer does",
    "engine": "the program changed",
    "time": "nothing but time passed: something expired",
}
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One rule whose outcome or disposition differs; None where one assessment lacks the rule."""

    before: Finding | None
    after: Finding | None
    cause: str


@dataclass(frozen=True, slots=True)
class StandingChange:
    """One control whose standing differs; None where one assessment lacks the control.

    ``causes`` are those of its rules and of the rules of the controls under it, one at least.
    """

    catalog: str
    control: str
    before: Standing | None
    after: Standing | None
    causes: tuple[str, ...]


def finding_changes(before: Assessment, after: Assessment) -> tuple[FindingChange, ...]:
    """Return the rules that came to something else, in the order of policies and rules."""
    old, new = _by_rule(before), _by_rule(after)
    return tuple(
        FindingChange(old.get(key), new.get(key), _cause(before, after, old.get(key), new.get(key)))
        for key in sorted(old.keys() | new.keys())
        if _said(old.get(key)) != _said(new.get(key))
    )


def standing_changes(
    before: Assessment,
    after: Assessment,
    catalogs: Mapping[str, Catalog],
    told: Mapping[_Key, Sequence[str]] | None = None,
) -> tuple[StandingChange, ...]:
    """Return the controls that stand otherwise, by catalog, in the order of the later one.

    ``told`` are the causes by policy and rule where somebody knows them better than the digests
    tell. Where no rule of a control came to something else, the first input that moved is named.
    """
    known = told
    if known is None:
        known = {_rule(each): (each.cause,) for each in finding_changes(before, after)}
    causes = _causes_of(before, after, catalogs, known)
    old, new = _by_control(before), _by_control(after)
    return tuple(
        StandingChange(
            catalog=key[0],
            control=key[1],
            before=old[key].standing if key in old else None,
            after=new[key].standing if key in new else None,
            causes=causes.get(key) or (_moved(before, after),),
        )
        for key in dict.fromkeys((*new, *old))
        if (old[key].standing if key in old else None)
        != (new[key].standing if key in new else None)
    )


def _rule(change: FindingChange) -> _Key:
    held = change.before or change.after
    return (held.policy, held.rule) if held is not None else ("", "")


def _causes_of(
    before: Assessment,
    after: Assessment,
    catalogs: Mapping[str, Catalog],
    told: Mapping[_Key, Sequence[str]],
) -> dict[_Key, tuple[str, ...]]:
    """Return the causes of the changes that bear on each control, and on what it is part of."""
    found: dict[_Key, dict[str, None]] = {}
    for finding in (*before.findings, *after.findings):
        for cause in told.get((finding.policy, finding.rule), ()):
            for reach in finding.controls:
                for control in (reach.control, *_above(catalogs, reach.catalog, reach.control)):
                    found.setdefault((reach.catalog, control), {})[cause] = None
    return {key: tuple(each) for key, each in found.items()}


def _above(catalogs: Mapping[str, Catalog], catalog: str, control: str) -> tuple[str, ...]:
    known = catalogs.get(catalog)
    if known is None or control not in known.by_id:
        return ()
    return tuple(one.id for one in known.ancestors(control))


def _moved(before: Assessment, after: Assessment) -> str:
    """Return the first input that is another; time where none is."""
    old, new = before.assessment, after.assessment
    inputs = (
        ("policy", old.bundle, new.bundle),
        ("subject", old.subject, new.subject),
        ("evidence", old.evidence_set, new.evidence_set),
        ("engine", old.engine, new.engine),
    )
    return next((cause for cause, one, other in inputs if one != other), "time")


def _by_rule(assessment: Assessment) -> dict[_Key, Finding]:
    return {(each.policy, each.rule): each for each in assessment.findings}


def _by_control(assessment: Assessment) -> dict[_Key, ControlStanding]:
    return {(each.catalog, each.control): each for each in assessment.standings}


def _said(finding: Finding | None) -> tuple[str, ...]:
    return () if finding is None else (finding.outcome, finding.disposition)


def _cause(before: Assessment, after: Assessment, old: Finding | None, new: Finding | None) -> str:
    if old is None or new is None or _criteria(old) != _criteria(new):
        return "policy"
    one, other = before.assessment, after.assessment
    if (old.outcome is Outcome.NOT_APPLICABLE) is not (new.outcome is Outcome.NOT_APPLICABLE):
        # Whether a rule applies is said by the record and the scope; it then weighs no document.
        return _first_but_evidence(before, after)
    weighs_others = named_in(old) != named_in(new)
    other_subject = one.subject != other.subject
    ladder = (
        ("evidence", weighs_others and one.evidence_set != other.evidence_set),
        ("subject", other_subject and (weighs_others or not named_in(new))),
        ("evidence", weighs_others),
        ("waiver", old.outcome is new.outcome),
        ("engine", one.engine != other.engine),
    )
    return next((cause for cause, holds in ladder if holds), "time")


def _first_but_evidence(before: Assessment, after: Assessment) -> str:
    old, new = before.assessment, after.assessment
    inputs = (
        ("subject", old.subject, new.subject),
        ("policy", old.bundle, new.bundle),
        ("engine", old.engine, new.engine),
    )
    return next((cause for cause, was, now in inputs if was != now), "time")


def _criteria(finding: Finding) -> tuple[object, ...]:
    return (finding.policy_version, finding.sentence, finding.params, finding.relaxed)
